namespace Caravan.Text;

/// <summary>
/// A regular expression over Unicode code points with the meaning Hugging Face tokenizers give it. .NET's own <c>Regex</c> matches UTF-16
/// units, for which no character beyond U+FFFF is a letter, and bounds backtracking by time only.
/// </summary>
internal sealed class CodePointPattern : IEquatable<CodePointPattern>
{
    private const int MaximumLength = 20_000;
    private readonly PatternProgram program;

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="CaravanException">The pattern is malformed, too long, or uses a construct that is not understood.</exception>
    public CodePointPattern(string source)
    {
        if (source.Length > MaximumLength)
            throw new CaravanException($"A tokenizer's pattern has {source.Length} characters; at most {MaximumLength} are taken.");
        Source = source;
        program = PatternProgram.Compile(PatternParser.Parse(source));
    }

    /// <summary>The pattern as written.</summary>
    public string Source { get; }

    /// <summary>
    /// Adds the (start, end) of all matches, left to right and without overlap; empty ones too, unless one follows a match at once.
    /// </summary>
    public void Matches(ReadOnlySpan<char> text, PatternMatcher matcher, List<(int Start, int End)> matches)
    {
        matcher.Begin(text.Length);
        int last = -1;
        for (int position = 0; position < text.Length;)
        {
            int end = matcher.Match(program, text, position);
            if (end > position)
            {
                matches.Add((position, end));
                last = position = end;
            }
            else
            {
                if (end == position && last != position) matches.Add((position, position));
                UnicodeProperties.CodePointAt(text, position, out int length);
                position += length;
            }
        }
    }

    /// <summary>Equal when written alike.</summary>
    public bool Equals(CodePointPattern? other) => other?.Source == Source;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CodePointPattern);

    /// <inheritdoc/>
    public override int GetHashCode() => Source.GetHashCode(StringComparison.Ordinal);
}
