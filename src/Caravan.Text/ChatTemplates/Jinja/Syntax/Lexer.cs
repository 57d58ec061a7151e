namespace Caravan.Text.Jinja;

/// <summary>
/// Cuts a template into tokens, with the white space rules of the environment that transformers uses: a line end after a block goes
/// (<c>trim_blocks</c>), blanks before a block on its line go (<c>lstrip_blocks</c>), <c>-</c> takes all white space, <c>+</c> keeps it.
/// </summary>
internal sealed class Lexer
{
    private readonly string source;
    private readonly List<Token> tokens = [];
    private int position;
    private int counted;
    private int line = 1;

    private Lexer(string source) => this.source = source;

    /// <summary>The tokens of a template, an <see cref="TokenKind.End"/> last.</summary>
    /// <exception cref="CaravanException">It is too long, or a brace, a quote or a number is not complete.</exception>
    public static List<Token> Run(string source)
    {
        if (source.Length > Limits.SourceLength)
            throw new CaravanException($"The chat template has {source.Length} characters; at most {Limits.SourceLength} are allowed.");
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n')) source = source[..^1];
        Lexer lexer = new(source);
        lexer.Cut();
        return lexer.tokens;
    }

    private void Cut()
    {
        while (position < source.Length)
        {
            int begin = NextBrace(position);
            if (begin < 0) break;
            char kind = source[begin + 1];
            char sign = begin + 2 < source.Length && source[begin + 2] is '-' or '+' ? source[begin + 2] : ' ';
            AddData(begin, strip: sign == '-', stripLine: sign == ' ' && kind != '{');
            position = begin + (sign == ' ' ? 2 : 3);
            if (kind == '#') SkipComment();
            else if (kind == '{') CutCode(TokenKind.PrintBegin, TokenKind.PrintEnd, "}}", begin);
            else if (!CutRaw()) CutCode(TokenKind.BlockBegin, TokenKind.BlockEnd, "%}", begin);
        }

        AddData(source.Length, strip: false, stripLine: false);
        Add(TokenKind.End, "", source.Length);
    }

    private int NextBrace(int from)
    {
        for (int i = source.IndexOf('{', from); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
            if (source[i + 1] is '{' or '%' or '#') return i;
        return -1;
    }

    /// <summary>The text from here to <paramref name="end"/>, without the white space that the brace after it takes away.</summary>
    private void AddData(int end, bool strip, bool stripLine)
    {
        int start = position, kept = end;
        while (strip && kept > start && PythonString.IsSpace(source[kept - 1])) kept--;
        if (stripLine)
        {
            int blanks = end;
            while (blanks > start && source[blanks - 1] != '\n' && PythonString.IsSpace(source[blanks - 1])) blanks--;
            if (blanks == 0 || source[blanks - 1] == '\n') kept = blanks;
        }

        if (kept > start) Add(TokenKind.Data, source[start..kept], start);
        position = end;
    }

    private void SkipComment()
    {
        int end = source.IndexOf("#}", position, StringComparison.Ordinal);
        if (end < 0) throw Fail("has a comment without an end; '#}' was expected", position);
        char sign = end > position ? source[end - 1] : ' ';
        position = end + 2;
        AfterBlock(sign);
    }

    /// <summary>White space after the end of a block or a comment, by the sign in it.</summary>
    private void AfterBlock(char sign)
    {
        if (sign == '-') SkipSpace();
        else if (sign != '+' && position < source.Length && source[position] == '\n') position++;
    }

    private void SkipSpace()
    {
        while (position < source.Length && PythonString.IsSpace(source[position])) position++;
    }

    /// <summary>Takes <c>{% raw %} … {% endraw %}</c> as text; false when this block is another one.</summary>
    private bool CutRaw()
    {
        int begin = position;
        if (!SkipBlock("raw", out char sign))
        {
            position = begin;
            return false;
        }

        if (sign == '-') SkipSpace();
        int start = position;
        for (int end = source.IndexOf("{%", start, StringComparison.Ordinal); end >= 0; end = source.IndexOf("{%", end + 2, StringComparison.Ordinal))
        {
            position = end + 2;
            char before = position < source.Length ? source[position] : ' ';
            if (before is '-' or '+') position++;
            if (!SkipBlock("endraw", out sign)) continue;
            int after = position;
            position = start;
            AddData(end, strip: before == '-', stripLine: before is not ('-' or '+'));
            position = after;
            AfterBlock(sign);
            return true;
        }

        throw Fail("has 'raw' without 'endraw'", begin);
    }

    /// <summary>Moves behind a block of nothing but this word.</summary>
    private bool SkipBlock(string word, out char sign)
    {
        sign = ' ';
        SkipSpace();
        if (string.CompareOrdinal(source, position, word, 0, word.Length) != 0) return false;
        position += word.Length;
        SkipSpace();
        if (position < source.Length && source[position] is '-' or '+') sign = source[position++];
        if (string.CompareOrdinal(source, position, "%}", 0, 2) != 0) return false;
        position += 2;
        return true;
    }

    private void CutCode(TokenKind begin, TokenKind end, string close, int start)
    {
        Add(begin, source.Substring(start, 2), start);
        Stack<char> open = [];
        while (true)
        {
            SkipSpace();
            if (position >= source.Length) throw Fail($"has '{source.Substring(start, 2)}' without '{close}'", start);
            if (open.Count == 0 && TakeEnd(end, close)) return;
            CutToken(open);
        }
    }

    private bool TakeEnd(TokenKind end, string close)
    {
        char sign = source[position] == '-' || (source[position] == '+' && end == TokenKind.BlockEnd) ? source[position] : ' ';
        int at = sign == ' ' ? position : position + 1;
        if (string.CompareOrdinal(source, at, close, 0, 2) != 0) return false;
        Add(end, close, position);
        position = at + 2;
        if (end == TokenKind.BlockEnd) AfterBlock(sign);
        else if (sign == '-') SkipSpace();
        return true;
    }

    private void CutToken(Stack<char> open)
    {
        int start = position;
        char first = source[start];
        bool afterDot = start > 0 && source[start - 1] == '.';
        if (first is '\'' or '"')
        {
            string? text = Literals.Text(source, ref position);
            Add(TokenKind.Text, text ?? throw Fail("has a text without its closing quote", start), start);
        }
        else if (char.IsAsciiDigit(first))
        {
            TokenKind kind = Literals.Number(source, ref position, afterDot);
            Add(kind, source[start..position].Replace("_", "", StringComparison.Ordinal), start);
        }
        else if (IsWord(first))
        {
            while (position < source.Length && IsWord(source[position])) position++;
            Add(TokenKind.Name, source[start..position], start);
        }
        else
        {
            position += Literals.OperatorLength(source, start);
            if (position == start) throw Fail($"has the character '{first}' between braces, which means nothing there", start);
            Balance(first, open, start);
            Add(TokenKind.Operator, source[start..position], start);
        }
    }

    private void Balance(char sign, Stack<char> open, int start)
    {
        if (sign is '(' or '[' or '{')
        {
            open.Push(sign == '(' ? ')' : sign == '[' ? ']' : '}');
            return;
        }

        if (sign is not (')' or ']' or '}')) return;
        if (open.Count == 0) throw Fail($"has '{sign}' without its opening bracket", start);
        char expected = open.Pop();
        if (sign != expected) throw Fail($"has '{sign}' where '{expected}' was expected", start);
    }

    private static bool IsWord(char character) => character == '_' || char.IsLetterOrDigit(character);

    private void Add(TokenKind kind, string text, int at) => tokens.Add(new Token(kind, text, LineAt(at)));

    private int LineAt(int at)
    {
        for (; counted < at; counted++)
            if (source[counted] == '\n') line++;
        return line;
    }

    private CaravanException Fail(string problem, int at) => new($"The chat template, line {LineAt(at)}, {problem}.");
}
