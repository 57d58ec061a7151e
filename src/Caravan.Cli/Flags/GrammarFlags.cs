using System.CommandLine;
using Caravan.Inference;

namespace Caravan.Cli;

/// <summary>What the generated text must look like.</summary>
internal sealed class GrammarFlags
{
    private readonly Option<string?> grammar = Flag.Text("--grammar", "FILE", "Generate only texts of the grammar in this file (GBNF, as llama.cpp has it).");
    private readonly Option<string?> regex = Flag.Text("--regex", "PATTERN", "Generate only texts that match this regular expression as a whole.");
    private readonly Option<string?> schema = Flag.Text("--json-schema", "FILE|JSON", "Generate only JSON that satisfies this schema; {} is any JSON.");

    /// <summary>All of them.</summary>
    public IEnumerable<Symbol> Symbols => [grammar, regex, schema];

    /// <summary>The grammar, or null.</summary>
    /// <exception cref="CaravanException">It cannot be read, or is none.</exception>
    public Grammar? Read(ParseResult parsed)
    {
        (string? path, string? pattern, string? json) = (parsed.GetValue(grammar), parsed.GetValue(regex), parsed.GetValue(schema));
        if ((path is null ? 0 : 1) + (pattern is null ? 0 : 1) + (json is null ? 0 : 1) > 1)
            throw new UsageException("--grammar, --regex and --json-schema exclude one another; give one of them.");
        if (path is not null) return Grammar.Gbnf(TextFlags.ReadFile(path));
        if (pattern is not null) return Grammar.Regex(pattern);
        if (json is null) return null;
        return Grammar.JsonSchema(json.TrimStart().StartsWith('{') || json is "true" ? json : TextFlags.ReadFile(json));
    }
}
