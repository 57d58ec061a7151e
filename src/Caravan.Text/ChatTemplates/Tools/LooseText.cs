using System.Text;
using System.Text.RegularExpressions;

namespace Caravan.Text;

/// <summary>
/// A text of a syntax as models may write it: blanks and line ends may differ, numbers and the call's identity may be any, and so may
/// <c>true</c> and <c>false</c>. Each text becomes one expression without choices that overlap, so that matching takes linear time.
/// </summary>
internal static partial class LooseText
{
    /// <summary>Whether a text matches at a place, and where the match ends.</summary>
    public static bool Matches(string text, string input, int at, out int end)
    {
        Match match = Regex.Match(input[at..], Expression(text), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        end = at + match.Length;
        return match.Success;
    }

    private static string Expression(string text)
    {
        StringBuilder expression = new("^\\s*");
        foreach (Match part in Parts().Matches(text.Trim()))
        {
            expression.Append(part.Value switch
            {
                ToolSyntax.ProbeId => "[A-Za-z0-9_.:-]+",
                "true" or "false" => "(?:true|false)",
                _ when char.IsAsciiDigit(part.Value[0]) => "[0-9]+",
                _ when char.IsWhiteSpace(part.Value[0]) => "\\s*",
                _ => Regex.Escape(part.Value),
            });
        }

        return expression.ToString();
    }

    [GeneratedRegex($@"{ToolSyntax.ProbeId}|\b(?:true|false)\b|[0-9]+|\s+|.", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
