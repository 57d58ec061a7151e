using System.CommandLine;

namespace Caravan.Cli;

/// <summary>Which entries of the catalogue.</summary>
internal sealed class CatalogFlags
{
    private readonly Option<string?> kind = Flag.Text("--kind", "KIND", "A kind such as chat-model or peft-method; 'model' for all models.");
    private readonly Option<string?> family = Flag.Text("--family", "NAME", "A family such as llama.");
    private readonly Option<string?> licence = Flag.Text("--licence", "TEXT", "Part of a licence's name.");
    private readonly Option<string?> language = Flag.Text("--language", "CODE", "A language such as en, zh or multi.");
    private readonly Option<bool> runnable = Flag.Switch("--runnable", "Only models that Caravan runs.");

    /// <summary>The options.</summary>
    public IEnumerable<Symbol> Symbols => [kind, family, licence, language, runnable];

    /// <summary>The entries that fit.</summary>
    /// <exception cref="UsageException">No entry at all has such a kind, family or language.</exception>
    public IEnumerable<CatalogEntry> Apply(ParseResult parsed, IEnumerable<CatalogEntry> entries)
    {
        string? Known(Option<string?> option, IEnumerable<string> known)
        {
            if (parsed.GetValue(option) is not { } value) return null;
            string[] names = [.. known.Distinct().Order(StringComparer.Ordinal)];
            return names.FirstOrDefault(name => name.Equals(value, StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException($"{option.Name} takes {string.Join(", ", names)}, not '{value}'.{Suggestion.DidYouMean(value, names)}");
        }

        string? ofKind = Known(kind, SystemCatalog.Kinds.Append("model"));
        string? ofFamily = Known(family, SystemCatalog.All.SelectMany(entry => entry.Model?.Families ?? []));
        string? inLanguage = Known(language, SystemCatalog.All.SelectMany(entry => entry.Languages));
        string? under = parsed.GetValue(licence);
        return entries.Where(entry =>
            (ofKind is null || entry.Kind == ofKind || (ofKind == "model" && entry.IsModel))
            && (ofFamily is null || entry.Model?.Families.Contains(ofFamily) == true)
            && (inLanguage is null || entry.Languages.Contains(inLanguage))
            && (under is null || entry.License?.Contains(under, StringComparison.OrdinalIgnoreCase) == true)
            && (!parsed.GetValue(runnable) || entry.Model?.IsRunnable == true));
    }
}
