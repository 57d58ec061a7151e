using System.Globalization;
using System.Text.Json;

namespace Caravan.Cli;

/// <summary>The catalogue of the open-model world that is built in.</summary>
internal static class SystemCatalog
{
    private static readonly Lazy<IReadOnlyList<CatalogEntry>> Entries = new(Read);

    /// <summary>All entries, ordered by kind.</summary>
    public static IReadOnlyList<CatalogEntry> All => Entries.Value;

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> Kinds => [.. All.Select(entry => entry.Kind).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The entry of an id or name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static CatalogEntry Find(string name) =>
        All.FirstOrDefault(entry => NamesOf(entry).Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new CaravanException(
            $"The catalogue has no '{name}'; 'caravan catalog search {name}' looks in descriptions too.{Suggestion.DidYouMean(name, All.SelectMany(NamesOf).Distinct(StringComparer.OrdinalIgnoreCase))}");

    /// <summary>Entries that hold every word, those that hold it in their names first.</summary>
    public static IEnumerable<CatalogEntry> Search(IReadOnlyList<string> words)
    {
        static bool Holds(IEnumerable<string?> texts, string word) => texts.Any(text => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);
        return All
            .Where(entry => words.All(word => Holds(TextsOf(entry), word)))
            .OrderByDescending(entry => words.Count(word => Holds(NamesOf(entry), word)));
    }

    /// <summary>The id, the name, and the name without what stands in brackets.</summary>
    private static string[] NamesOf(CatalogEntry entry) => [entry.Id, entry.Name, entry.Name.Split('(', '（')[0].Trim()];

    private static IEnumerable<string?> TextsOf(CatalogEntry entry) =>
        [.. NamesOf(entry), entry.Summary, entry.Kind, entry.Base, entry.Domain, entry.Notes, entry.License, .. entry.Techniques, .. entry.Model?.Families ?? [], entry.Model?.Hub];

    private static IReadOnlyList<CatalogEntry> Read()
    {
        using Stream stream = Resource("systems.json");
        CatalogEntry[] entries = JsonSerializer.Deserialize<CatalogEntry[]>(stream, JsonSerializerOptions.Web)!;
        Dictionary<string, CatalogModel> models = ReadModels();
        return [.. entries.Select(entry => entry with { Model = models.GetValueOrDefault(entry.Id) })];
    }

    /// <summary>The lines of models.tsv by id.</summary>
    internal static Dictionary<string, CatalogModel> ReadModels()
    {
        using StreamReader reader = new(Resource("models.tsv"));
        Dictionary<string, CatalogModel> models = new(StringComparer.Ordinal);
        foreach (string line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Skip(1))
        {
            string?[] cells = [.. line.Split('\t').Select(cell => cell == "-" ? null : cell)];
            double[] sizes = [.. (cells[4]?.Split(',') ?? []).Select(size => double.Parse(size, CultureInfo.InvariantCulture))];
            models.Add(cells[0]!, new CatalogModel(cells[1]?.Split(',') ?? [], cells[2], cells[3], sizes, cells[5], cells[6]));
        }

        return models;
    }

    private static Stream Resource(string name) => typeof(SystemCatalog).Assembly.GetManifestResourceStream("Caravan.Cli." + name)!;
}
