using System.Globalization;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Reads texts, numbers and signs of the expression language.</summary>
internal static class Literals
{
    private static readonly string[] LongOperators = ["//", "**", "==", "!=", ">=", "<="];
    private const string ShortOperators = "+-/*%~[](){}><=.:|,;";

    /// <summary>Length of the sign at a place, or 0.</summary>
    public static int OperatorLength(string source, int at)
    {
        foreach (string sign in LongOperators)
            if (string.CompareOrdinal(source, at, sign, 0, 2) == 0) return 2;
        return ShortOperators.Contains(source[at]) ? 1 : 0;
    }

    /// <summary>Moves behind a number. Behind a dot (<c>x.1.2</c>) only whole numbers stand.</summary>
    public static TokenKind Number(string source, ref int position, bool afterDot)
    {
        int start = position;
        if (source[start] == '0' && start + 2 < source.Length && "xXoObB".Contains(source[start + 1]) && char.IsAsciiHexDigit(source[start + 2]))
        {
            position += 2;
            while (position < source.Length && (char.IsAsciiHexDigit(source[position]) || source[position] == '_')) position++;
            return TokenKind.Integer;
        }

        SkipDigits(source, ref position);
        if (afterDot) return TokenKind.Integer;
        TokenKind kind = TokenKind.Integer;
        if (IsDigit(source, position + 1) && source[position] == '.')
        {
            position++;
            SkipDigits(source, ref position);
            kind = TokenKind.Float;
        }

        if (position < source.Length && source[position] is 'e' or 'E')
        {
            int exponent = position + 1;
            if (exponent < source.Length && source[exponent] is '+' or '-') exponent++;
            if (!IsDigit(source, exponent)) return kind;
            position = exponent;
            SkipDigits(source, ref position);
            kind = TokenKind.Float;
        }

        return kind;
    }

    /// <summary>The text in quotes at a place, its escapes resolved as Python resolves them; null when the closing quote is missing.</summary>
    public static string? Text(string source, ref int position)
    {
        char quote = source[position++];
        StringBuilder text = new();
        while (position < source.Length)
        {
            char character = source[position++];
            if (character == quote) return text.ToString();
            if (character == '\\' && position < source.Length) Unescape(source, ref position, text);
            else text.Append(character);
        }

        return null;
    }

    private static void Unescape(string source, ref int position, StringBuilder text)
    {
        char sign = source[position++];
        switch (sign)
        {
            case '\n': break;
            case '\\' or '\'' or '"': text.Append(sign); break;
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case 'x' when Hex(source, ref position, 2) is { } code: text.Append((char)code); break;
            case 'u' when Hex(source, ref position, 4) is { } code: text.Append((char)code); break;
            case 'U' when Hex(source, ref position, 8) is { } code && code <= 0x10FFFF: text.Append(OfCodePoint(code)); break;
            case >= '0' and <= '7':
                int octal = sign - '0';
                for (int i = 0; i < 2 && position < source.Length && source[position] is >= '0' and <= '7'; i++) octal = (octal * 8) + source[position++] - '0';
                text.Append((char)octal);
                break;
            default: text.Append('\\').Append(sign); break;
        }
    }

    private static string OfCodePoint(uint code) => code is >= 0xD800 and <= 0xDFFF ? ((char)code).ToString() : char.ConvertFromUtf32((int)code);

    private static uint? Hex(string source, ref int position, int digits)
    {
        if (position + digits > source.Length) return null;
        if (!uint.TryParse(source.AsSpan(position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)) return null;
        position += digits;
        return code;
    }

    private static bool IsDigit(string source, int at) => at < source.Length && char.IsAsciiDigit(source[at]);

    private static void SkipDigits(string source, ref int position)
    {
        while (IsDigit(source, position) || (position < source.Length && source[position] == '_' && IsDigit(source, position + 1))) position++;
    }
}
