// Words of the report's parts: English, Chinese.
export const reportWords = {
  'view.report': ['Report', '报告'],
  'report.title': ['Use, words, errors', '使用、描述与错误'],
  'report.intro': [
    'Parts of the one-file report, from the same data: whether the network uses what was found, every unit in words, what it still gets wrong.',
    '单文件报告的部分内容，数据相同：网络是否使用所发现的单元、每个单元的文字描述、它仍会出错之处。',
  ],
  'report.write': ['Write the one-file report', '生成单文件报告'],
  'report.use': ['Does the network use it?', '网络使用它吗？'],
  'report.explain': ['Every unit in words', '每个单元的文字描述'],
  'report.mistakes': ['What it still gets wrong', '它仍会出错之处'],
  'report.memory': ['How far back it remembers', '它能记多远'],
  'report.mech': ['How it counts quotes', '它如何数引号'],
  'memory.legend': ['Arcs join openers with their closers. The line is the unit after each symbol; ticks on it: ▲ an opener, ▼ its closer.', '弧线连接成对的开闭符号。曲线是单元在每个符号之后的值；其上 ▲ 为开符，▼ 为闭符。'],
} as const
