using System.CommandLine;

namespace Caravan.Cli;

/// <summary>Searches the catalogue.</summary>
internal sealed class CatalogSearchVerb : Verb
{
    private readonly Argument<string[]> words = new("WORDS") { Description = "Words that all must occur, in names, descriptions, families or licences.", Arity = ArgumentArity.OneOrMore };
    private readonly CatalogFlags filters = new();

    public override string? Group => "catalog";

    public override string Name => "search";

    public override string Summary => "Search the catalogue for words.";

    public override string Example => "caravan catalog search medical chinese --kind model";

    protected override IEnumerable<Symbol> Symbols => [words, .. filters.Symbols];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string[] wanted = parsed.GetRequiredValue(words);
        CatalogEntry[] found = [.. filters.Apply(parsed, SystemCatalog.Search(wanted))];
        CatalogOutput.List(terminal, found, parsed.GetValue(Json));
        return ExitCode.Success;
    }
}
