package concept

// wording is what a reader sees of a concept: title and one plain sentence, in
// English and Chinese.
type wording struct{ title, titleZH, plain, plainZH string }

var wordings = map[string]wording{
	"capital":            {"Capital letter", "大写字母", "The character just read is a capital letter.", "刚读到的字符是大写字母。"},
	"digit":              {"Digit", "数字", "The character just read is a digit.", "刚读到的字符是数字。"},
	"capital-next":       {"Capital letter next", "下一个是大写字母", "The next character will be a capital letter.", "下一个字符将是大写字母。"},
	"line-end-next":      {"Line end next", "即将换行", "The line ends after this character.", "这一行在此字符之后结束。"},
	"word-end-next":      {"Word end next", "单词即将结束", "This letter is the last of its word.", "这个字母是单词的最后一个字母。"},
	"proper-noun-next":   {"Proper noun next", "下一个是专有名词", "A capital letter comes next that does not merely start a sentence, a line or a quotation: the start of a name.", "下一个字符是大写字母，而且不是因为句首、行首或引语开头：一个名字即将开始。"},
	"word-start":         {"Word start", "单词开头", "The character just read is the first letter of a word.", "刚读到的字符是一个单词的首字母。"},
	"word-end":           {"Word has ended", "单词刚结束", "A word ended just before this character.", "一个单词在这个字符之前刚刚结束。"},
	"sentence-end":       {"Sentence has ended", "句子刚结束", "A sentence has just ended here.", "一个句子刚刚在这里结束。"},
	"column":             {"Position on the line", "行内位置", "How many characters have been read since the line began.", "从行首到现在已经读了多少个字符。"},
	"indentation":        {"Indentation", "缩进", "How far this line is indented.", "这一行缩进了多少列。"},
	"speaker-heading":    {"Speaker's name", "角色名行", "Inside the line of a play that names who speaks.", "位于剧本中写明说话角色的那一行。"},
	"digit-run":          {"Length of the number", "数字串长度", "How many digits in a row have been read.", "已经连续读到多少位数字。"},
	"in-quote":           {"Inside a quotation", "引号之内", "A quotation has been opened and not yet closed.", "引号已经打开，还没有关上。"},
	"quote-straight":     {"Inside straight quotes", "直引号之内", "An odd number of straight double quotes has been read: the quotation is open.", "已读到奇数个直双引号：引语仍未结束。"},
	"quote-single":       {"Inside single quotes", "单引号之内", "A quotation in straight single quotes is open.", "用直单引号括起的引语仍未结束。"},
	"quote-depth":        {"Depth of curly and corner quotes", "弯引号与直角引号的深度", "How many quotations, one inside the other, are open.", "有多少层相互嵌套的引语还没有关上。"},
	"quote-parity":       {"Parity of curly and corner quotes", "弯引号与直角引号的奇偶", "An odd number of quotations, one inside the other, is open.", "相互嵌套的引语中，还没有关上的是奇数层。"},
	"corner-depth":       {"Depth of corner quotes 「」", "直角引号「」的深度", "How many quotations in 「」 are open.", "有多少层「」还没有关上。"},
	"white-corner-depth": {"Depth of white corner quotes 『』", "双直角引号『』的深度", "How many quotations in 『』, those inside a quotation, are open.", "有多少层『』（引语之中的引语）还没有关上。"},
	"quote-top":          {"Kind of the innermost quote", "最内层引号的种类", "Which kind of quotation mark must close next.", "接下来应当由哪一种引号来关闭。"},
	"url":                {"Inside a URL", "网址之内", "The character belongs to a web address.", "这个字符属于一个网址。"},
	"bracket-depth":      {"Bracket depth", "括号深度", "How many brackets of all kinds are open.", "各种括号一共还有多少层没有关上。"},
	"paren-depth":        {"Depth of round brackets", "圆括号深度", "How many round brackets are open.", "有多少层圆括号还没有关上。"},
	"square-depth":       {"Depth of square brackets", "方括号深度", "How many square brackets are open.", "有多少层方括号还没有关上。"},
	"brace-depth":        {"Depth of braces", "花括号深度", "How many braces are open.", "有多少层花括号还没有关上。"},
	"bracket-top":        {"Kind of the innermost bracket", "最内层括号的种类", "Which kind of bracket must close next.", "接下来应当由哪一种括号来关闭。"},
	"code-bracket-depth": {"Bracket depth in code", "代码中的括号深度", "How many brackets are open in a program of the C or Go family, those in strings and comments left out.", "在 C、Go 一类程序中，不算字符串和注释里的括号，还有多少层没有关上。"},
	"comment":            {"Inside a comment", "注释之内", "The character belongs to a comment in a program of the C or Go family.", "这个字符属于 C、Go 一类程序中的注释。"},
	"string-literal":     {"Inside a string", "字符串之内", "The character belongs to a string in a program of the C or Go family.", "这个字符属于 C、Go 一类程序中的字符串。"},
	"comment-python":     {"Inside a Python comment", "Python 注释之内", "The character belongs to a comment in a Python program.", "这个字符属于 Python 程序中的注释。"},
	"string-python":      {"Inside a Python string", "Python 字符串之内", "The character belongs to a string in a Python program.", "这个字符属于 Python 程序中的字符串。"},
	"wiki-link":          {"Inside a wiki link", "维基链接之内", "The character belongs to a link to another article, [[like this]].", "这个字符属于指向另一词条的链接，形如 [[这样]]。"},
	"wiki-template":      {"Inside a wiki template", "维基模板之内", "The character belongs to a template, {{like this}}.", "这个字符属于一个模板，形如 {{这样}}。"},
	"heading":            {"Inside a heading", "标题之内", "The character belongs to a section heading of a wiki, == like this ==.", "这个字符属于维基的章节标题，形如 == 这样 ==。"},
	"xml-tag":            {"Inside a tag", "标签之内", "The character stands between the < and > of a tag.", "这个字符位于标签的 < 与 > 之间。"},
	"xml-attribute":      {"Inside an attribute", "属性值之内", "The character belongs to the value of an attribute of a tag.", "这个字符属于标签的某个属性值。"},
	"xml-closing-tag":    {"Inside a closing tag", "结束标签之内", "The character belongs to a tag that closes an element.", "这个字符属于一个结束标签。"},
	"xml-depth":          {"Depth of elements", "元素深度", "How many elements, one inside the other, are open.", "有多少层相互嵌套的元素还没有关闭。"},
	"xml-name":           {"Innermost element", "最内层元素", "Which element must be closed next.", "接下来应当关闭哪一个元素。"},
	"comment-xml":        {"Inside an XML comment", "XML 注释之内", "The character belongs to a comment, <!-- like this -->.", "这个字符属于注释，形如 <!-- 这样 -->。"},
	"xml-tag-escaped":    {"Inside a tag, escaped ones too", "标签之内（含转义）", "The character belongs to a tag, also one written &lt;like this&gt;.", "这个字符属于一个标签，包括写成 &lt;这样&gt; 的标签。"},
	"xml-depth-escaped":  {"Depth of elements, escaped ones too", "元素深度（含转义）", "How many elements are open, also those whose tags are written &lt;like this&gt;.", "有多少层元素还没有关闭，包括标签写成 &lt;这样&gt; 的元素。"},
	"latex-environment":  {"LaTeX environment", "LaTeX 环境", "How many environments, begun with \\begin, are open.", "由 \\begin 开始的环境还有多少层没有结束。"},
	"latex-name":         {"Innermost LaTeX environment", "最内层 LaTeX 环境", "Which environment must be ended next.", "接下来应当结束哪一个环境。"},
	"latex-math":         {"Inside LaTeX math", "LaTeX 数学公式之内", "The character belongs to a formula.", "这个字符属于一个数学公式。"},
}

// withWordings gives every built-in concept its wording.
func withWordings(cs []Concept) []Concept {
	for i := range cs {
		w := wordings[cs[i].Name]
		cs[i].title = [2]string{w.title, w.titleZH}
		cs[i].plain = [2]string{w.plain, w.plainZH}
		cs[i].builtIn = true
	}
	return cs
}
