using System.Text.Json;
using System.Text.RegularExpressions;

namespace Caravan.Text;

/// <summary>
/// The tokenizer of the Moses toolkit (Koehn et al. 2007) for English, with dashes split and reserved characters escaped, as sacremoses has it: blanks are put
/// around what is no part of a word. Letters of writing systems beyond U+FFFF count as signs.
/// </summary>
internal sealed partial record MosesNormalizer : Normalizer
{
    private const string Alpha = @"\p{L}\p{Nl}\p{Mc}";
    private const string Alnum = Alpha + @"\p{Nd}";

    /// <summary>Stands for a dot of an ellipsis meanwhile, so that no later step takes it for a full stop.</summary>
    private const char Dot = '\uE000';

    /// <summary>Abbreviations whose dot belongs to them.</summary>
    private static readonly HashSet<string> Abbreviations = new((
        "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z Adj Adm Adv Asst Bart Bldg Brig Bros Capt Cmdr Col Comdr Con Corp Cpl DR Dr Drs Ens Gen Gov Hon Hr Hosp "
        + "Insp Lt MM MR MRS MS Maj Messrs Mlle Mme Mr Mrs Ms Msgr Op Ord Pfc Ph Prof Pvt Rep Reps Res Rev Rt Sen Sens Sfc Sgt Sr St Supt Surg v vs i.e rev e.g").Split(' '),
        StringComparer.Ordinal);

    /// <summary>Abbreviations whose dot belongs to them when a number follows.</summary>
    private static readonly HashSet<string> BeforeNumbers = new(["No", "Nos", "Art", "Nr", "pp"], StringComparer.Ordinal);

    private static readonly (Regex Pattern, string Replacement)[] Separations =
    [
        (Signs(), " $1 "), (Dashes(), "$1 @-@ "), (Ellipses(), " $0 "),
        (CommaBehind(), "$1 , "), (CommaBefore(), " , $1"), (CommaAtEnd(), "$1 , "),
        (QuoteAlone(), "$1 ' $2"), (QuoteBefore(), "$1 ' $2"), (QuoteBehind(), "$1 ' $2"), (QuoteInside(), "$1 '$2"), (QuoteOfYears(), "$1 '$2"),
    ];

    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        Rewrite(text, Blanks(), _ => " ");
        Rewrite(text, Controls(), _ => "");
        new StripNormalizer(true, true).Apply(text);
        foreach ((Regex pattern, string replacement) in Separations)
            Rewrite(text, pattern, match => pattern == Ellipses() ? $" {new string(Dot, match.Length)} " : match.Result(replacement));
        Rewrite(text, Words(), match => IsSentenceEnd(match) ? match.Value[..^1] + " ." : match.Value);
        Rewrite(text, Blanks(), _ => " ");
        new StripNormalizer(true, true).Apply(text);
        Rewrite(text, DotAndQuote(), _ => " . ' ");
        Rewrite(text, Reserved(), match => Escaped(match.Value[0]));
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) =>
        throw new CaravanException("Moses's tokenizer cannot be said in a tokenizer.json; keep the model's own tokenizer files.");

    /// <summary>Whether the dot at a word's end is a full stop.</summary>
    private static bool IsSentenceEnd(Match word)
    {
        if (word.Length < 2 || word.Value[^1] != '.') return false;
        string before = word.Value[..^1];
        Match next = word.NextMatch();
        if (before.Contains('.', StringComparison.Ordinal) && before.Any(char.IsLetter)) return false;
        if (Abbreviations.Contains(before) || (next.Success && char.IsLower(next.Value[0]))) return false;
        return !(BeforeNumbers.Contains(before) && next.Success && char.IsAsciiDigit(next.Value[0]));
    }

    private static string Escaped(char sign) => sign switch
    {
        '&' => "&amp;",
        '|' => "&#124;",
        '<' => "&lt;",
        '>' => "&gt;",
        '\'' => "&apos;",
        '"' => "&quot;",
        '[' => "&#91;",
        ']' => "&#93;",
        _ => ".",
    };

    private static void Rewrite(AlignedText text, Regex pattern, Func<Match, string> replacement)
    {
        string now = text.Span.ToString();
        int done = 0;
        text.Begin();
        void Copy(int end)
        {
            for (; done < end; done++) text.Put(now[done], done, done + 1);
        }

        for (Match match = pattern.Match(now); match.Success; match = match.NextMatch())
        {
            Copy(match.Index);
            done = match.Index + match.Length;
            text.Put(replacement(match), match.Index, done);
        }

        Copy(now.Length);
        text.End();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"[\x00-\x1F]")]
    private static partial Regex Controls();

    [GeneratedRegex(@"([\uD800-\uDBFF][\uDC00-\uDFFF]|[^" + Alnum + @"\s.'`,\-])")]
    private static partial Regex Signs();

    [GeneratedRegex("([" + Alnum + "])-(?=[" + Alnum + "])")]
    private static partial Regex Dashes();

    [GeneratedRegex(@"\.{2,}")]
    private static partial Regex Ellipses();

    [GeneratedRegex(@"([^\p{N}]),")]
    private static partial Regex CommaBehind();

    [GeneratedRegex(@",([^\p{N}])")]
    private static partial Regex CommaBefore();

    [GeneratedRegex(@"(\p{N}),$")]
    private static partial Regex CommaAtEnd();

    [GeneratedRegex("([^" + Alpha + "])'([^" + Alpha + "])")]
    private static partial Regex QuoteAlone();

    [GeneratedRegex("([^" + Alpha + @"\p{N}])'([" + Alpha + "])")]
    private static partial Regex QuoteBefore();

    [GeneratedRegex("([" + Alpha + "])'([^" + Alpha + "])")]
    private static partial Regex QuoteBehind();

    [GeneratedRegex("([" + Alpha + "])'([" + Alpha + "])")]
    private static partial Regex QuoteInside();

    [GeneratedRegex(@"(\p{N})'(s)")]
    private static partial Regex QuoteOfYears();

    [GeneratedRegex(@"\S+")]
    private static partial Regex Words();

    [GeneratedRegex(@"\.' ?$")]
    private static partial Regex DotAndQuote();

    [GeneratedRegex("[&|<>'\"\\[\\]\uE000]")]
    private static partial Regex Reserved();
}
