using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>docs/families.md is made from the registry: names and papers from the families, drawings from their documentation, fixtures from the golden folders, templates from the catalogue.</summary>
public sealed class FamiliesDocumentTests
{
    private const string Head = """
        # Families

        Made by `FamiliesDocumentTests` from the registry (`FamilyCatalog`); after a change, copy `families.received.md` from the test's output folder.
        Names are values of `model_type` in config.json, then of `general.architecture` in GGUF; a family without the latter is not known to GGUF.
        Fixtures are folders of `../shared/fixtures` whose numbers from the reference implementation the family reproduces; a family without one was checked
        as its class says. Templates are those that models of the catalogue were trained on.

        | family | config.json | GGUF | blocks | paper | fixtures | templates |
        |---|---|---|---|---|---|---|

        """;

    [FixtureFact]
    public void IsMadeFromTheRegistry()
    {
        string actual = Describe(), expected = File.ReadAllText(Path.Combine(Fixtures.Repository, "docs", "families.md"));
        string received = Path.Combine(AppContext.BaseDirectory, "families.received.md");
        if (expected != actual) File.WriteAllText(received, actual);
        Assert.True(expected == actual, $"docs/families.md is not what the registry says; compare {received}.");
    }

    private static string Describe()
    {
        ILookup<string, string> fixtures = FixturesByFamily();
        Dictionary<string, string> drawings = Drawings();
        StringBuilder text = new(Head);
        foreach (Family family in FamilyCatalog.All)
        {
            string[] templates = [.. SystemCatalog.All.Select(entry => entry.Model).OfType<CatalogModel>().Where(model => model.Families.Any(name => Answers(family, name))).Select(model => model.Template).OfType<string>().Distinct().Order()];
            text.AppendJoin(
                " | ", $"| {family.Name}", string.Join(", ", family.ModelTypes), string.Join(", ", family.GgufArchitectures), Drawing(family.GetType(), drawings),
                family.Paper, string.Join(", ", fixtures[family.Name].Order(StringComparer.Ordinal)), string.Join(", ", templates));
            text.Append(" |\n");
        }

        return text.ToString();
    }

    private static bool Answers(Family family, string name) =>
        family.ModelTypes.Take(1).Append(family.Name).Any(known => Plain(known) == Plain(name));

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static ILookup<string, string> FixturesByFamily()
    {
        IEnumerable<string> folders = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("INDEX.json"))).RootElement.EnumerateArray().Select(row => row.GetProperty("folder").GetString()!);
        return folders.ToLookup(folder =>
        {
            using Checkpoint checkpoint = CheckpointReader.Open(Fixtures.PathOf(folder.Split('/')));
            return FamilyCatalog.Of(checkpoint).Name;
        });
    }

    /// <summary>The drawing in the documentation of each class.</summary>
    private static Dictionary<string, string> Drawings() => XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Caravan.Models.xml")).Descendants("member")
        .Where(member => member.Descendants("code").Any() && member.Attribute("name")!.Value.StartsWith("T:", StringComparison.Ordinal))
        .ToDictionary(member => member.Attribute("name")!.Value[2..], member => string.Join(" ", member.Descendants("code").First().Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>A family without a drawing is built like the one that it is derived from.</summary>
    private static string Drawing(Type type, Dictionary<string, string> drawings)
    {
        for (Type? each = type; each is not null; each = each.BaseType)
            if (drawings.TryGetValue(each.FullName!, out string? drawing)) return $"`{drawing.Replace("|", "\\|", StringComparison.Ordinal)}`";
        throw new InvalidOperationException($"{type.Name} has no drawing in its documentation.");
    }
}
