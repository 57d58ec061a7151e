using System.Text.RegularExpressions;

namespace Caravan.Hub;

/// <summary>Picks one of the models that a repository of GGUF files offers.</summary>
internal static partial class GgufChoice
{
    /// <summary>The file of a quantization, with all its parts if it is split; without a quantization the only one there is.</summary>
    /// <param name="repository">Where it comes from, for messages.</param>
    /// <param name="files">Names of GGUF files, with sizes.</param>
    /// <param name="quantization">Such as <c>Q4_K_M</c>, or null.</param>
    /// <exception cref="CaravanException">There is none, or several.</exception>
    public static IEnumerable<string> Pick(string repository, IEnumerable<(string Name, long? Size)> files, string? quantization)
    {
        (string Model, string[] Parts, long? Size)[] models = [.. files
            .Where(file => IsModel(file.Name))
            .GroupBy(file => PartNumber().Replace(file.Name, ".gguf"))
            .Select(group => (group.Key, (string[])[.. group.Select(file => file.Name)], group.Aggregate((long?)0, (sum, file) => sum + file.Size)))
            .OrderBy(model => model.Item3)];
        (string Model, string[] Parts, long? Size)[] meant = quantization is null ? models : [.. models.Where(model => Has(model.Model, quantization))];
        if (meant is [var only]) return only.Parts;
        string offered = string.Join(", ", models.Select(model => model.Size is { } size ? $"'{model.Model}' ({size / 1e9:0.0} GB)" : $"'{model.Model}'"));
        string example = models.Select(model => QuantizationOf(model.Model)).FirstOrDefault(each => each is not null) ?? "Q4_K_M";
        throw new CaravanException(
            meant.Length > 0 ? $"'{repository}' has {meant.Length} GGUF models{(quantization is null ? "" : $" of '{quantization}'")}: {offered}; choose one as {repository}:{example} or with --file."
            : $"'{repository}' has no GGUF model of '{quantization}'; it has {(offered.Length > 0 ? offered : "none at all")}."
                + Suggestion.DidYouMean(quantization!, models.Select(model => QuantizationOf(model.Model)).OfType<string>().Distinct()));
    }

    /// <summary>Whether a file is a language model; projectors of images are for one, and none themselves.</summary>
    public static bool IsModel(string name) =>
        name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !name.Contains("mmproj", StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith("imatrix.gguf", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a name has a quantization as a word of its own.</summary>
    private static bool Has(string name, string quantization) =>
        Regex.IsMatch(name, $@"(?:\A|[-./_]){Regex.Escape(quantization)}(?:[-./]|\z)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static string? QuantizationOf(string name) => QuantizationName().Match(name) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"-\d{5}-of-\d{5}\.gguf\z", RegexOptions.CultureInvariant)]
    private static partial Regex PartNumber();

    [GeneratedRegex(@"(?:\A|[-./_])(I?Q\d\w*|B?F16|F32)(?=[-./]|\z)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex QuantizationName();
}
