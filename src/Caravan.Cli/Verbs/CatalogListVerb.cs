using System.CommandLine;

namespace Caravan.Cli;

/// <summary>Lists the catalogue.</summary>
internal sealed class CatalogListVerb : Verb
{
    private readonly CatalogFlags filters = new();

    public override string? Group => "catalog";

    public override string Name => "list";

    public override string Summary => "List the open-model world: models, frameworks, methods, benchmarks.";

    public override string Example => "caravan catalog list --kind chat-model --language zh --runnable";

    protected override IEnumerable<Symbol> Symbols => filters.Symbols;

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        CatalogOutput.List(terminal, [.. filters.Apply(parsed, SystemCatalog.All)], parsed.GetValue(Json));
        return ExitCode.Success;
    }
}
