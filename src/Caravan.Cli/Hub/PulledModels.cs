using System.CommandLine;
using Caravan.Hub;

namespace Caravan.Cli;

/// <summary>Finds models by the names under which <c>caravan pull</c> got them.</summary>
internal static class PulledModels
{
    /// <summary>
    /// What a user gave for a model, as a path: itself when it is one; the model that comes with Caravan for its name; the folder (or the only GGUF file) in the cache when it is
    /// <c>org/name</c>; the file of a quantization when it is <c>org/name:Q4_K_M</c>.
    /// </summary>
    /// <exception cref="CaravanException">It is such a name, and not in the cache.</exception>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(given))]
    public static string? ModelPath(this ParseResult parsed, string? given)
    {
        if (given is null || File.Exists(given) || Directory.Exists(given) || parsed.InvocationConfiguration is not TerminalConfiguration { Terminal: { } terminal }) return given;
        if (given == EmbeddedModel.Name) return EmbeddedModel.Path;
        (RepositoryName? name, string? quantization) = Split(given);
        if (name is null) return given;
        HubOptions options = HubEnvironment.Read(terminal);
        HubCache cache = new(options.CacheFolder);
        if (cache.FindSnapshot(name) is { } snapshot) return InSnapshot(name, snapshot, quantization);
        // A word alone is more often a misspelt path than one of the few names without an organisation.
        if (!name.Text.Contains('/', StringComparison.Ordinal) || LooksLikeFile(given)) return given;
        throw new CaravanException(
            $"'{given}' is neither a path nor among the models in '{cache.Folder}'; {(options.Offline ? "take HF_HUB_OFFLINE away, then " : "")}run 'caravan pull {given}' first.{Suggestion.DidYouMean(name.Text, cache.Names())}");
    }

    /// <summary>A name and what stands behind its colon.</summary>
    public static (RepositoryName? Name, string? Quantization) Split(string given)
    {
        int colon = given.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (RepositoryName.TryParse(given), null) : colon == given.Length - 1 ? (null, null) : (RepositoryName.TryParse(given[..colon]), given[(colon + 1)..]);
    }

    private static bool LooksLikeFile(string given) => Path.GetExtension(given) is ".gguf" or ".safetensors" or ".bin" or ".pt" or ".pth" or ".json" or ".model" or ".txt";

    private static string InSnapshot(RepositoryName name, string snapshot, string? quantization)
    {
        if (quantization is null && File.Exists(Path.Combine(snapshot, "config.json"))) return snapshot;
        (string Name, long? Size)[] models = [.. Directory.EnumerateFiles(snapshot, "*.gguf", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(snapshot, file).Replace('\\', '/'), (long?)null))];
        if (quantization is null && models.Length == 0) return snapshot;
        return Path.Combine(snapshot, GgufChoice.Pick(name.Text, models, quantization).Order(StringComparer.Ordinal).First());
    }
}
