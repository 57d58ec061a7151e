using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>The linear layers of a model by Hugging Face's names.</summary>
internal static class AdapterModules
{
    private const string WeightSuffix = ".weight";

    /// <summary>The modules in order of use; layers that Hugging Face keeps otherwise than as matrices with a name are left out.</summary>
    public static IReadOnlyList<AdapterModule> Of(Model model) =>
    [
        .. model.Adapters.Projections.Keys
            .Select(layer => (Layer: layer, Places: Places(model, layer)))
            .Where(found => found.Places.Length > 0)
            .GroupBy(found => found.Places[0].Name)
            .Select(group => new AdapterModule(
                [.. group.First().Places.Select(place => place.Name[..^WeightSuffix.Length])],
                [.. group.Select(found => new AdapterPart(found.Layer, found.Places[0].RowsIn(model.Spec), OrderOf(model, found.Layer))).OrderBy(part => part.Rows?.Start ?? 0)],
                group.First().Places[0].Stored.Transposed)),
    ];

    private static ImmutableArray<DiskName> Places(Model model, string layer) =>
        [.. model.Family.NamesOnDisk(layer + WeightSuffix, gguf: false).Where(place => place.Slice is null && place.Name.EndsWith(WeightSuffix, StringComparison.Ordinal))];

    /// <summary>Where the outputs of a layer's heads lie that a rotary embedding pairs: of rows of the model Hugging Face's; null where they are the same.</summary>
    public static RowOrder? OrderOf(Model model, string layer)
    {
        string weight = layer + WeightSuffix;
        if (!model.Family.RowOf(weight).Rotary || model.Spec.LayerOf(WeightName.Parse(weight)).SequenceMixer.Rotation is not { } rotation) return null;
        return rotation.Rotary.Layout == model.Family.HuggingFaceRotary ? null : new RowOrder(rotation.Rotary.Layout, rotation.HeadSize, rotation.Rotary.Dimensions);
    }
}
