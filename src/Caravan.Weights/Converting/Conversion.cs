using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Weights;

/// <summary>
/// One conversion under way: the model that is read, the family and vocabulary that is written, what becomes of every tensor, and what is to be
/// reported. Names and orders come from the families' tables; nothing here knows a family.
/// </summary>
internal sealed class Conversion
{
    private readonly List<string> notes = [];
    private readonly List<ConvertOmission> leftOut = [];
    private readonly TypeChoice types;

    public Conversion(Model model, ConvertFormat format, ConvertOptions options)
    {
        Model = model;
        Options = options;
        ToGguf = format == ConvertFormat.Gguf;
        types = new TypeChoice(options.Type, format, model.Path);
        Target = FamilyOfTarget();
        Tensors = [.. model.Decoder.Weights.Select(Plan)];
        ReportTensors();
    }

    /// <summary>What is converted.</summary>
    public Model Model { get; }

    /// <summary>How it computes.</summary>
    public DecoderSpec Spec => Model.Decoder.Spec;

    /// <summary>How it is to be converted.</summary>
    public ConvertOptions Options { get; }

    /// <summary>Whether the source has GGUF's keys and names.</summary>
    public bool FromGguf => Model.Checkpoint.Metadata is not null;

    /// <summary>Whether the target has GGUF's keys and names.</summary>
    public bool ToGguf { get; }

    /// <summary>Whether source and target speak of the model in the same words.</summary>
    public bool SameVocabulary => FromGguf == ToGguf;

    /// <summary>The family as which the target presents itself.</summary>
    public Family Target { get; }

    /// <summary>The tensors of the target, in the order of their use.</summary>
    public IReadOnlyList<PlannedTensor> Tensors { get; }

    /// <summary>Choices worth knowing.</summary>
    public IReadOnlyList<string> Notes => [.. types.Notes, .. notes];

    /// <summary>What is not in the target.</summary>
    public IReadOnlyList<ConvertOmission> LeftOut => leftOut;

    /// <summary>The type that most of the target's matrix elements have.</summary>
    public DType MainType => Tensors
        .Where(tensor => !tensor.IsVector)
        .GroupBy(tensor => tensor.Type)
        .MaxBy(group => group.Sum(tensor => tensor.Source.Elements))!.Key;

    /// <summary>Adds a sentence to the report.</summary>
    public void Note(string sentence) => notes.Add(sentence);

    /// <summary>
    /// Says that the target cannot hold the rotary scaling: an error, or a line of the report when that was asked for.
    /// </summary>
    public void DropScaling(string what)
    {
        string format = ToGguf ? "GGUF" : "a config.json";
        string limit = Spec.DependsOnLength ? $" (the model then computes the same up to {Spec.ContextLength} tokens)" : "";
        if (!Options.DropRotaryScaling)
            throw new CaravanException($"'{Model.Path}' stretches its rotary positions by {what}, for which {format} has no words; allow the rotary scaling to be dropped (--drop-rotary-scaling){limit}.");
        leftOut.Add(new ConvertOmission($"rotary scaling ({what})", $"{format} has no words for it{limit}"));
    }

    /// <summary>The first family that reads such files and whose words suffice.</summary>
    private Family FamilyOfTarget()
    {
        if (SameVocabulary) return Model.Family;
        Family[] candidates = ToGguf
            ? [Model.Family]
            : [.. FamilyCatalog.All.Where(family => family.GgufArchitectures.Contains(FamilyCatalog.ArchitectureOf(Model.Checkpoint)))];
        string[] missing = new string[candidates.Length];
        for (int i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].Inexpressible(Spec, ToGguf) is not { } reason) return candidates[i];
            missing[i] = $"{candidates[i].Name} has no words for {reason}";
        }

        throw new CaravanException(
            $"'{Model.Path}' cannot be written as {(ToGguf ? "GGUF" : "a Hugging Face folder")}: {string.Join(", and ", missing)}; keep it in its format.");
    }

    private PlannedTensor Plan(Tensor weight)
    {
        string canonical = weight.Name!;
        IReadOnlyDictionary<string, TensorEntry> entries = Model.Checkpoint.Tensors;
        TensorEntry entry = entries[Model.Family.NamesOnDisk(canonical, FromGguf).First(entries.ContainsKey)];
        if (SameVocabulary) return new PlannedTensor(entry.Name, entry, types.Of(entry, entry.Name));
        string name = Target.NamesOnDisk(canonical, ToGguf).First();
        return new PlannedTensor(name, entry, types.Of(entry, name), OrderOf(canonical));
    }

    private RowOrder? OrderOf(string canonical)
    {
        (WeightRow row, string layer) = Target.RowOf(canonical);
        if (!row.Rotary) return null;
        AttentionSpec attention = Spec.Layers[layer.Length == 0 ? 0 : int.Parse(layer)].Mixer;
        RotaryLayout target = ToGguf ? Target.GgufRotary : Target.HuggingFaceRotary;
        return target == attention.Rotary.Layout ? null : new RowOrder(target, attention.HeadSize, attention.Rotary.Dimensions);
    }

    private void ReportTensors()
    {
        string head = $"tensor '{Model.Family.NamesOnDisk("head.weight", FromGguf).First()}'";
        foreach (string unread in Model.Unread)
        {
            // Configurations of the same vocabulary are taken over with every key.
            bool tensor = unread.StartsWith("tensor ", StringComparison.Ordinal);
            if (!tensor && SameVocabulary) continue;
            leftOut.Add(new ConvertOmission(unread, tensor && Spec.TiedHead && unread == head
                ? "the head shares the embedding's matrix"
                : $"the family {Model.Family.Name} does not use it"));
        }

        foreach (string name in Model.Checkpoint.Tensors.Keys.Where(Model.Family.IsBuffer))
            leftOut.Add(new ConvertOmission($"tensor '{name}'", "a table that the configuration determines"));
        if (Options.Type is { } type && type.IsQuantized())
            notes.Add("Token embedding and head are treated like all matrices (as by llama-quantize --pure); vectors stay F32.");
    }
}
