using System.Text.RegularExpressions;

namespace Caravan.Models;

/// <summary>Which linear layers are adapted.</summary>
internal static class AdapterTargets
{
    /// <summary>Every linear layer but the head.</summary>
    public const string AllLinear = "all-linear";

    /// <summary>The layers that targets mean, by canonical name, in order of use.</summary>
    /// <param name="model">The model.</param>
    /// <param name="targets">
    /// Each <see cref="AllLinear"/>, the end of a name on disk such as <c>q_proj</c> or <c>mlp.up_proj</c>, the end of a canonical name such as
    /// <c>attention.query</c>, or a regular expression for a whole name on disk. A name on disk that holds several layers means all of them.
    /// </param>
    /// <exception cref="CaravanException">A target means no layer of this model.</exception>
    public static IReadOnlyList<string> Find(Model model, IReadOnlyList<string> targets)
    {
        IReadOnlyList<AdapterModule> modules = AdapterModules.Of(model);
        HashSet<string> found = new(StringComparer.Ordinal);
        foreach (string target in targets)
        {
            string[] layers = [.. Layers(model, modules, target)];
            if (layers.Length == 0) throw Unknown(model, modules, target);
            found.UnionWith(layers);
        }

        return [.. model.Adapters.Projections.Keys.Where(found.Contains)];
    }

    /// <summary>
    /// The shortest list of targets that means these modules and no others: last words of names where they suffice, whole names where not.
    /// </summary>
    public static IReadOnlyList<string> Shortest(IReadOnlyList<AdapterModule> modules, IReadOnlySet<AdapterModule> adapted) =>
    [
        .. modules.Where(adapted.Contains)
            .Select(module => modules.All(other => adapted.Contains(other) || LastWord(other) != LastWord(module)) ? LastWord(module) : module.Name)
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Layers(Model model, IReadOnlyList<AdapterModule> modules, string target)
    {
        if (target == AllLinear) return model.Adapters.Projections.Keys;
        IEnumerable<string> byModule = modules.Where(module => EndsWith(module.Name, target)).SelectMany(module => module.Parts.Select(part => part.Layer));
        string[] named = [.. byModule, .. model.Adapters.Projections.Keys.Where(layer => EndsWith(layer, target))];
        if (named.Length > 0 || Pattern(target) is not { } pattern) return named;
        return modules.Where(module => pattern.IsMatch(module.Name)).SelectMany(module => module.Parts.Select(part => part.Layer));
    }

    private static Regex? Pattern(string target)
    {
        if (Regex.Escape(target) == target.Replace(".", @"\.", StringComparison.Ordinal)) return null;
        try
        {
            return new Regex($"^(?:{target})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new CaravanException($"The adapter's target '{target}' is neither a layer's name nor a regular expression ({exception.Message}).", exception);
        }
    }

    private static bool EndsWith(string name, string end) => name == end || name.EndsWith($".{end}", StringComparison.Ordinal);

    private static string LastWord(AdapterModule module) => module.Name[(module.Name.LastIndexOf('.') + 1)..];

    private static CaravanException Unknown(Model model, IReadOnlyList<AdapterModule> modules, string target)
    {
        string[] words = [.. modules.Select(LastWord).Distinct()];
        return new CaravanException(
            $"The adapter's target '{target}' is no linear layer of '{model.Path}', whose layers are {string.Join(", ", words)} ('{AllLinear}' means all).{Suggestion.DidYouMean(target, words)}");
    }
}
