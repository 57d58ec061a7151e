using System.Text;

namespace Caravan.Text;

/// <summary>The escapes \t, \n, \r, \xNN and \anything that GGUF spells RWKV's pieces with.</summary>
internal static class PythonLiteral
{
    /// <summary>The bytes a spelling stands for.</summary>
    public static byte[] Bytes(string spelling)
    {
        if (!spelling.Contains('\\')) return Encoding.UTF8.GetBytes(spelling);
        List<byte> bytes = [];
        byte[] source = Encoding.UTF8.GetBytes(spelling);
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] != '\\' || i + 1 == source.Length)
            {
                bytes.Add(source[i]);
                continue;
            }

            char escape = (char)source[++i];
            if (escape == 'x' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                bytes.Add(Convert.FromHexString(Encoding.ASCII.GetString(source, i + 1, 2))[0]);
                i += 2;
            }
            else bytes.Add(escape switch { 't' => (byte)'\t', 'n' => (byte)'\n', 'r' => (byte)'\r', _ => (byte)escape });
        }

        return [.. bytes];
    }

    /// <summary>Bytes as <see cref="Bytes"/> takes them: printable ASCII as it is, all else as \xNN.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (byte one in bytes)
        {
            if (one == '\\') text.Append("\\\\");
            else if (one is >= 0x20 and < 0x7F) text.Append((char)one);
            else text.Append("\\x").Append(one.ToString("x2"));
        }

        return text.ToString();
    }

    /// <summary>The bytes of a literal such as <c>'a\n'</c> (whose \xNN are characters) or <c>b'\xff'</c>; null when it is none.</summary>
    public static byte[]? Evaluate(string literal)
    {
        bool bytes = literal.StartsWith('b');
        string quoted = bytes ? literal[1..] : literal;
        if (quoted.Length < 2 || quoted[0] is not ('\'' or '"') || quoted[^1] != quoted[0]) return null;
        string body = quoted[1..^1];
        if (bytes) return Bytes(body);
        StringBuilder text = new();
        for (int i = 0; i < body.Length; i++)
        {
            if (body[i] != '\\' || i + 1 == body.Length)
            {
                text.Append(body[i]);
                continue;
            }

            char escape = body[++i];
            int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits == 0)
            {
                text.Append(escape switch { 't' => '\t', 'n' => '\n', 'r' => '\r', _ => escape });
                continue;
            }

            if (i + digits >= body.Length) return null;
            if (!int.TryParse(body.AsSpan(i + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out int value)
                || !Rune.IsValid(value)) return null;
            text.Append(new Rune(value));
            i += digits;
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
