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
}
