// Words of the report's parts: English, Chinese.
export const reportWords = {
  'view.report': ['Report', '报告'],
  'report.title': ['The report', '报告'],
  'report.intro': [
    'Parts of the one-file report, from the same data and in the same words: how it learned, what was found, whether the network uses it, every unit in words, what it still gets wrong.',
    '单文件报告的各部分，数据与文字相同：如何学习、发现了什么、网络是否使用它、每个单元的文字描述、它仍会出错之处。',
  ],
  'report.losses': ['Losses', '损失'],
  'report.evolution': ['How it learned', '如何学习'],
  'report.heatmap': ['All units over a passage', '一段文字上的所有单元'],
  'report.concepts': ['What was found', '发现了什么'],
  'report.atlas': ['Atlas of units', '单元图谱'],
  'report.write': ['Write the one-file report', '生成单文件报告'],
  'report.use': ['Does the network use it?', '网络使用它吗？'],
  'report.explain': ['Every unit in words', '每个单元的文字描述'],
  'report.mistakes': ['What it still gets wrong', '它仍会出错之处'],
  'report.memory': ['How far back it remembers', '它能记多远'],
  'report.mech': ['How it counts quotes', '它如何数引号'],
  'memory.legend': ['Arcs join openers with their closers. The line is the unit after each symbol; ticks on it: ▲ an opener, ▼ its closer.', '弧线连接成对的开闭符号。曲线是单元在每个符号之后的值；其上 ▲ 为开符，▼ 为闭符。'],
} as const
