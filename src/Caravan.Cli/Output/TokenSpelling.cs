using System.Text;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Tokens as text.</summary>
internal static class TokenSpelling
{
    /// <summary>The text a token stands for in the middle of a text; for control tokens their spelling. Part of a character becomes U+FFFD.</summary>
    public static string TextOf(this Tokenizer tokenizer, int id) =>
        tokenizer.IsSpecial(id) ? tokenizer.TokenText(id) : Encoding.UTF8.GetString(tokenizer.TokenBytes(id));

    /// <summary>The same in quotes and on one line, for tables.</summary>
    public static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '"' => "\\\"",
                '\\' => "\\\\",
                < ' ' or (>= 0x7F and < 0xA0) => $"\\x{rune.Value:X2}",
                _ => rune.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
