using System.CommandLine;

namespace Caravan.Cli;

/// <summary>Shows an entry of the catalogue.</summary>
internal sealed class CatalogShowVerb : Verb
{
    private readonly Argument<string> name = new("NAME") { Description = "An id or a name, as 'catalog list' has them." };

    public override string? Group => "catalog";

    public override string Name => "show";

    public override string Summary => "Show what is known about one system, how to run it, and the memory it needs.";

    public override string Example => "caravan catalog show vicuna";

    public override string? Notes =>
        $"Memory is the nominal number of parameters times the bits of each type, and {MemoryNeeds.Allowance:0 %} for keys and values, activations and the program;\n" +
        "'caravan info' says exactly what a file needs.";

    protected override IEnumerable<Symbol> Symbols => [name];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        CatalogOutput.Show(terminal, SystemCatalog.Find(parsed.GetRequiredValue(name)), parsed.GetValue(Json));
        return ExitCode.Success;
    }
}
