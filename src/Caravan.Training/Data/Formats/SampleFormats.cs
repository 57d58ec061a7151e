namespace Caravan.Training;

/// <summary>All formats. Where a record fits several, the first counts.</summary>
internal static class SampleFormats
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<SampleFormat> All { get; } =
    [
        new PreferenceFormat(),
        new RankedFormat(),
        new KtoFormat(),
        new SteerLmFormat(),
        new MessagesFormat(),
        new ShareGptFormat(),
        new AlpacaFormat(),
        new PromptFormat(),
        new TextFormat(),
    ];

    /// <summary>The format of that name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static SampleFormat Named(string name)
    {
        string[] known = [.. All.Select(format => format.Name)];
        return All.FirstOrDefault(format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CaravanException($"There is no data format '{name}'; {string.Join(", ", known)} are known.{Suggestion.DidYouMean(name, known)}");
    }

    /// <summary>The format that the fields of a file's first record speak for.</summary>
    /// <exception cref="CaravanException">They speak for none.</exception>
    public static SampleFormat Of(RecordField record) => All.FirstOrDefault(format => format.Fits(record))
        ?? throw record.Problem($"has the fields {string.Join(", ", record.Names.Take(12).Select(name => $"'{name}'"))}, which fit no known format; the formats are {string.Join("; ", All.Select(format => $"{format.Name} ({format.Fields})"))}.");
}
