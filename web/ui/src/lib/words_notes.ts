// Words of notes and copies: English, Chinese.
export const noteWords = {
  'view.notes': ['Notes', '笔记'],
  'notes.title': ['Notes', '笔记'],
  'notes.intro': [
    'Labels and comments on units and places. They lie beside the run in a file of their own, can be made while it trains, and go with the findings that “rnnscope atlas --export” writes.',
    '对单元与位置的标签和评论。它们保存在运行旁的独立文件中，训练时也可书写，并随 “rnnscope atlas --export” 的发现一同导出。',
  ],
  'notes.none': ['None yet.', '还没有。'],
  'notes.empty': ['Nobody has noted anything yet. The reader and the page of each unit have a form.', '还没有人写笔记。阅读页和每个单元的页面上都有表单。'],
  'notes.on': ['On {0}', '关于 {0}'],
  'notes.place': ['symbol {0} “{1}”', '第 {0} 个符号“{1}”'],
  'notes.label': ['Label', '标签'],
  'notes.comment': ['Comment', '评论'],
  'notes.keep': ['Keep', '保存'],
  'notes.change': ['Change', '修改'],
  'notes.changing': ['Changing a note', '修改笔记'],
  'notes.leave': ['Leave it as it is', '保持不变'],
  'notes.remove': ['Remove', '删除'],
  'still.what': ['A copy of chosen views, made {0}. What was not kept is not here; rnnscope serve shows everything.', '所选视图的副本，制作于 {0}。未保存的内容不在其中；rnnscope serve 可查看全部。'],
  'still.absent': ['Not in this copy', '不在此副本中'],
  'still.pages': ['Views in this copy', '此副本中的视图'],
} as const
