using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Caravan.Hub;

/// <summary>Decides which files of a repository to download.</summary>
internal static partial class FileSelection
{
    /// <summary>Files beside the weights that a model is understood with.</summary>
    private static readonly string[] Descriptions = ["*.json", "*.model", "*.tiktoken", "*.jinja", "vocab*.txt", "merges.txt", "*vocab*.txt", "LICENSE*"];

    /// <summary>Kinds of weights, the best first; only one kind is downloaded, as each holds the whole model.</summary>
    private static readonly Func<string, bool>[] Weights =
    [
        name => SafetensorsName().IsMatch(name),
        name => Matches(name, ["*.safetensors"]),
        name => PyTorchName().IsMatch(name),
        name => Matches(name, ["*.bin", "*.pth", "*.pt"]) && !Matches(name, ["training_args.bin", "optimizer*", "scheduler*", "rng_state*"]),
    ];

    /// <summary>The names of the files, in the repository's order.</summary>
    /// <exception cref="CaravanException">A file that was asked for is not there, nothing is left, or the choice is not clear.</exception>
    public static IReadOnlyList<string> Choose(Repository repository, PullRequest request)
    {
        string[] names = [.. repository.Files.Select(file => file.Name).Distinct(StringComparer.Ordinal)];
        foreach (string missing in request.Files.Except(names))
            throw new CaravanException($"'{repository.Name}' has no file '{missing}' in '{request.Revision}'.{Suggestion.DidYouMean(missing, names)}");
        foreach (string pattern in request.Include.Where(pattern => !names.Any(name => Matches(name, [pattern]))))
            throw new CaravanException($"No file of '{repository.Name}' fits --include '{pattern}'; it has {Listed(names)}.");
        IEnumerable<string> wanted = request.Quantization is not null || request.Files.Count + request.Include.Count == 0
            ? Needed(repository, names, request.Quantization)
            : [];
        HashSet<string> chosen = [.. wanted, .. request.Files, .. names.Where(name => Matches(name, request.Include))];
        chosen.RemoveWhere(name => Matches(name, request.Exclude));
        return chosen.Count > 0
            ? [.. names.Where(chosen.Contains)]
            : throw new CaravanException($"'{repository.Name}' has no file to download{(request.Exclude.Count > 0 ? " that --exclude leaves" : "")}; it has {Listed(names)}.");
    }

    /// <summary>What a model needs to run.</summary>
    private static IEnumerable<string> Needed(Repository repository, string[] names, string? quantization)
    {
        string[] atRoot = [.. names.Where(name => !name.Contains('/', StringComparison.Ordinal))];
        string[] weights = Weights.Select(kind => atRoot.Where(kind).ToArray()).FirstOrDefault(files => files.Length > 0) ?? [];
        if (quantization is not null || (weights.Length == 0 && names.Any(GgufChoice.IsModel)))
            return GgufChoice.Pick(repository.Name.Text, repository.Files, quantization);
        string[] otherIndexes = [.. atRoot.Where(name => name.EndsWith(".index.json", StringComparison.Ordinal) && !weights.Contains(name))];
        return [.. weights, .. atRoot.Where(name => Matches(name, Descriptions) && !otherIndexes.Contains(name))];
    }

    /// <summary>As Python's fnmatch without its brackets: <c>*</c> reaches across <c>/</c>, and a folder's name with <c>/</c> means all in it.</summary>
    private static bool Matches(string name, IEnumerable<string> patterns) => patterns.Any(
        pattern => FileSystemName.MatchesSimpleExpression(pattern.EndsWith('/') ? pattern + "*" : pattern, name, ignoreCase: false));

    private static string Listed(string[] names) => names.Length == 0 ? "none at all"
        : string.Join(", ", names.Take(12).Select(name => $"'{name}'")) + (names.Length > 12 ? $" and {names.Length - 12} more" : "");

    [GeneratedRegex(@"\Amodel(-\d+-of-\d+)?\.safetensors(\.index\.json)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SafetensorsName();

    [GeneratedRegex(@"\Apytorch_model(-\d+-of-\d+)?\.bin(\.index\.json)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex PyTorchName();
}
