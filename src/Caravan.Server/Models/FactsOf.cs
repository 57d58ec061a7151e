using Caravan.Formats;
using Caravan.Models;

namespace Caravan.Server;

/// <summary>Finds out what there is to tell about models.</summary>
internal static class FactsOf
{
    /// <summary>What a loaded model says of itself.</summary>
    public static ModelFacts Model(ServedModel served, ModelSource source)
    {
        Model model = served.Model;
        IEnumerable<TensorEntry> tensors = model.Checkpoint.Tensors.Values;
        Dictionary<string, long> types = tensors.GroupBy(tensor => tensor.TypeName).OrderByDescending(group => group.Sum(tensor => tensor.StoredBytes))
            .ToDictionary(group => group.Key, group => group.Sum(tensor => tensor.StoredBytes));
        return new ModelFacts
        {
            Family = model.Family.Name,
            Architecture = model.Network.Kind.Replace(" model", "", StringComparison.Ordinal).Replace(' ', '-'),
            Parameters = tensors.Sum(tensor => tensor.Elements),
            FileBytes = source.Bytes,
            Quantization = types.Keys.FirstOrDefault(),
            Types = types,
            ContextLength = served.ContextLength,
            TrainedContextLength = model.Spec.ContextLength,
            VocabularySize = model.Spec.VocabularySize,
            Layers = model.Spec.Layers.Length,
            HiddenSize = model.Spec.HiddenSize,
            Template = served.Format?.Name,
            Loaded = true,
            Memory = served.Memory,
            Supports = new ModelAbilities(
                served.Format is not null, served.Generates, model.HasTokenizer, model.VisionLanguage is not null, served.Format is not null, served.FillInTheMiddle is not null),
        };
    }

    /// <summary>What is known of a model now.</summary>
    public static ModelObject Slot(ModelSlot slot)
    {
        ModelFacts known = slot.Facts ?? new ModelFacts { FileBytes = slot.Source.Bytes };
        bool loaded = slot.Loaded is not null;
        return new ModelObject(
            slot.Source.Id, "model", new DateTimeOffset(slot.Source.Modified, TimeSpan.Zero).ToUnixTimeSeconds(), "caravan",
            known with { Loaded = loaded, Memory = loaded ? known.Memory : null });
    }
}
