namespace Caravan.Models;

/// <summary>A canonical name taken apart: <c>layers.3.feed_forward.experts.5.up.weight</c> is <c>layers.{n}.feed_forward.experts.{e}.up.weight</c> of 3 and 5.</summary>
/// <param name="Template">The name as rows have it.</param>
/// <param name="Layer">Number of the layer; null for weights outside the layers.</param>
/// <param name="Expert">Number of the expert, or of the head or mixture that has a weight of its own; null for weights that are one.</param>
internal readonly record struct WeightName(string Template, int? Layer, int? Expert)
{
    /// <summary>Stands for the number of the layer.</summary>
    public const string LayerMark = "{n}";

    /// <summary>Stands for the number of the expert or head.</summary>
    public const string ExpertMark = "{e}";

    /// <summary>Takes a canonical name apart.</summary>
    public static WeightName Parse(string name)
    {
        string[] parts = name.Split('.');
        int? layer = Take(parts, "layers", LayerMark), expert = Take(parts, "experts", ExpertMark) ?? Take(parts, "heads", ExpertMark) ?? Take(parts, "mixtures", ExpertMark);
        return new WeightName(string.Join('.', parts), layer, expert);
    }

    /// <summary>This weight's place under a name on disk.</summary>
    public DiskName On(StoredWeight stored) => new(
        stored.Name.Replace(LayerMark, $"{Layer}", StringComparison.Ordinal).Replace(ExpertMark, $"{Expert}", StringComparison.Ordinal), this, stored);

    private static int? Take(string[] parts, string before, string mark)
    {
        int at = Array.IndexOf(parts, before) + 1;
        if (at == 0 || at == parts.Length || !int.TryParse(parts[at], out int number)) return null;
        parts[at] = mark;
        return number;
    }
}
