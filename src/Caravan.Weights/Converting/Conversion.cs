using System.Collections.Immutable;
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
    private readonly List<string> unweighed = [];
    private readonly TypeChoice types;
    private readonly Func<string, Tensor?>? values;

    /// <param name="model">What is read.</param>
    /// <param name="format">What is written.</param>
    /// <param name="options">How.</param>
    /// <param name="values">What weights have become since they were read, by canonical name; null for those that did not change.</param>
    public Conversion(Model model, ConvertFormat format, ConvertOptions options, Func<string, Tensor?>? values = null)
    {
        this.values = values;
        Model = model;
        Options = options;
        ToGguf = format == ConvertFormat.Gguf;
        Mix = options.Mix ?? (options.Type is { } type ? QuantizationMix.Pure(type) : null);
        types = new TypeChoice(Mix, MixModel.Of(Spec, options.Importance is not null), format, model.Path);
        Target = FamilyOfTarget();
        Tensors = [.. model.Weights.Where(weight => !IsLeftOut(weight.Name!)).GroupBy(weight => NameInTarget(weight.Name!)).Select(group => Plan(group.Key, [.. group.Select(weight => weight.Name!)]))];
        ReportTensors();
    }

    /// <summary>What is converted.</summary>
    public Model Model { get; }

    /// <summary>How it computes.</summary>
    public StackSpec Spec => Model.Spec;

    /// <summary>How it is to be converted.</summary>
    public ConvertOptions Options { get; }

    /// <summary>Which types tensors get; null keeps their own.</summary>
    public QuantizationMix? Mix { get; }

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

    /// <summary>What most of the target is stored as: the mix, or the type of most matrix elements where no tensor could get the mix's.</summary>
    public uint FileType => Mix is { } mix && Tensors.Any(tensor => tensor.Type == mix.Type) ? mix.FileType : GgufFileTypes.Of(MainType);

    /// <summary>The type that most of the target's matrix elements have.</summary>
    public DType MainType => Tensors
        .Where(tensor => !tensor.IsVector)
        .GroupBy(tensor => tensor.Type)
        .MaxBy(group => group.Sum(tensor => tensor.Elements))!.Key;

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

    /// <summary>Heads that the target has no names for stay behind.</summary>
    private bool IsLeftOut(string canonical) => Target.IsHead(canonical) && !Target.NamesOnDisk(canonical, ToGguf).Any();

    /// <summary>The first family that reads such files and whose words suffice.</summary>
    private Family FamilyOfTarget()
    {
        if (SameVocabulary) return Model.Family;
        if (ToGguf && Model.Family.GgufArchitectures.Count == 0)
            throw new CaravanException($"'{Model.Path}' is of the family {Model.Family.Name}, for which GGUF has no architecture; keep it in its format.");
        Family[] candidates = ToGguf
            ? [Model.Family]
            : [.. FamilyCatalog.Answering(Model.Checkpoint, FamilyCatalog.ArchitectureOf(Model.Checkpoint)!)];
        string[] missing = new string[candidates.Length];
        for (int i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].Inexpressible(Spec, ToGguf, Model.Reader) is not { } reason) return candidates[i];
            missing[i] = $"{candidates[i].Name} has no words for {reason}";
        }

        throw new CaravanException(
            $"'{Model.Path}' cannot be written as {(ToGguf ? "GGUF" : "a Hugging Face folder")}: {string.Join(", and ", missing)}; keep it in its format.");
    }

    /// <summary>Where a weight lies in the source.</summary>
    private DiskName PlaceOf(string canonical) => Model.Family.NamesOnDisk(canonical, FromGguf) is var names && Model.Checkpoint.Tensors.Count > 0
        ? names.First(place => Model.Checkpoint.Tensors.ContainsKey(place.Name))
        : names.First();

    /// <summary>Files of the same vocabulary keep the names they have, but for those that GGUF has given up.</summary>
    private DiskName PlaceInTarget(string canonical) => SameVocabulary && !ToGguf ? PlaceOf(canonical) : Target.NamesOnDisk(canonical, ToGguf).First();

    private string NameInTarget(string canonical) => PlaceInTarget(canonical).Name;

    /// <summary>A tensor of the target from the weights that it holds: one, several that it keeps together, or those of all experts, stacked.</summary>
    private PlannedTensor Plan(string name, string[] canonical)
    {
        WeightSource[] sources = [.. canonical.Select(SourceOf)];
        DiskName place = PlaceInTarget(canonical[0]);
        // Weights that are stored differently are kept together as the type that is the most exact.
        WeightSource widest = sources.MaxBy(source => source.DType.Bytes(source.Elements))!;
        IEnumerable<PlannedPart> parts = canonical.Select((weight, i) => Part(weight, i, sources));
        if (place.Stored.Stacked) parts = parts.OrderBy(part => WeightName.Parse(part.Canonical).Expert).ThenBy(part => part.Place.Start);
        else parts = parts.OrderBy(part => part.Place.Start);
        PlannedTensor tensor = new(name, [.. parts], types.Of(widest, name, canonical[0], place.Stored.Transposed))
        {
            Stacked = place.Slice is not null,
            PartsPerMatrix = place.Stored.Stacked ? canonical.Length / canonical.Select(weight => WeightName.Parse(weight).Expert).Distinct().Count() : 1,
            Flat = place.Stored.Flat,
            UnitRows = place.Stored.UnitRows,
            Transposed = place.Stored.Transposed,
            UnitDimension = place.Stored.UnitDimension,
            LeadingUnits = place.Stored.LeadingUnits,
            Map = place.Stored.Map,
        };
        return tensor with { Parts = WithImportance(tensor) };
    }

    private PlannedPart Part(string canonical, int number, WeightSource[] sources)
    {
        RowRuns place = PlaceInTarget(canonical).RowsIn(Spec)
            ?? new RowRuns(sources[..number].Sum(source => source.Shape[0]), sources[number].Shape[0], sources.Sum(source => source.Shape[0]));
        return new PlannedPart(canonical, sources[number], place, SameVocabulary ? null : OrderOf(canonical));
    }

    private WeightSource SourceOf(string canonical)
    {
        if (values?.Invoke(canonical) is { } tensor)
            return new WeightSource(new TensorEntry(canonical, tensor.DType, [.. Enumerable.Range(0, tensor.Shape.Rank).Select(i => tensor.Shape[i])], tensor.Bytes), null, false, null);
        DiskName place = PlaceOf(canonical);
        return WeightSource.Of(Model.Checkpoint.Tensors[place.Name], place, Spec);
    }

    private ImmutableArray<PlannedPart> WithImportance(PlannedTensor tensor)
    {
        if (Options.Importance is null || !tensor.IsReencoded) return tensor.Parts;
        ImmutableArray<PlannedPart> parts =
        [
            .. tensor.Parts.Select(part =>
            {
                DiskName place = Model.Family.NamesOnDisk(part.Canonical, gguf: true).First();
                int stack = tensor.Parts.Length > 1 && place.Slice is not null ? tensor.Parts.Length : 1;
                return part with { Importance = Options.Importance.WeightsOf(place.Name, tensor.Columns, place.Slice ?? 0, stack) };
            }),
        ];
        // Nobody collects it for token embedding and head.
        if (parts.Any(part => part.Importance is null) && parts[0].Canonical.StartsWith("layers.", StringComparison.Ordinal)) unweighed.Add(tensor.Name);
        return parts;
    }

    private RowOrder? OrderOf(string canonical)
    {
        if (!Target.RowOf(canonical).Rotary || Spec.LayerOf(WeightName.Parse(canonical)).SequenceMixer.Rotation is not { } rotation) return null;
        RotaryLayout target = ToGguf ? Target.GgufRotary : Target.HuggingFaceRotary;
        return target == rotation.Rotary.Layout ? null : new RowOrder(target, rotation.HeadSize, rotation.Rotary.Dimensions);
    }

    private void ReportTensors()
    {
        string head = $"tensor '{Model.Family.NamesOnDisk("head.weight", FromGguf).Select(place => place.Name).FirstOrDefault()}'";
        foreach (string unread in Model.Unread)
        {
            // Configurations of the same vocabulary are taken over with every key.
            bool tensor = unread.StartsWith("tensor ", StringComparison.Ordinal);
            if (!tensor && SameVocabulary) continue;
            leftOut.Add(new ConvertOmission(unread, tensor && Spec is DecoderSpec { TiedHead: true } && unread == head
                ? "the head shares the embedding's matrix"
                : $"the family {Model.Family.Name} does not use it"));
        }

        foreach (string name in Model.Weights.Select(weight => weight.Name!).Where(IsLeftOut))
            leftOut.Add(new ConvertOmission($"tensor '{PlaceOf(name).Name}'", $"{(ToGguf ? "GGUF" : "a Hugging Face folder")} has no name for this head of the family {Target.Name}; the model's rows do not need it"));
        foreach (string name in Model.Checkpoint.Tensors.Keys.Where(Model.Family.IsBuffer))
            leftOut.Add(new ConvertOmission($"tensor '{name}'", "a table that the configuration determines"));
        ReportImportance();
        if (Tensors.Count(tensor => tensor.IsReencoded && tensor.Parts.Any(part => part.Source.DType.IsQuantized())) is > 0 and int again)
            notes.Add($"{again} tensor{(again == 1 ? " was" : "s were")} quantized before; from the original weights the result would be better.");
        if (Options.Type is { } type && type.IsQuantized())
            notes.Add("Token embedding and head are treated like all matrices (as by llama-quantize --pure); vectors stay F32.");
    }

    private void ReportImportance()
    {
        if (unweighed.Count == 0) return;
        if (Tensors.All(tensor => tensor.Parts.All(part => part.Importance is null)))
            throw new CaravanException($"The importance matrix knows none of the tensors of '{Model.Path}' (its first is '{Options.Importance!.Sums.Keys.First()}'); it was made with another model.");
        notes.Add($"The importance matrix does not know {unweighed.Count} tensor{(unweighed.Count == 1 ? "" : "s")} ({string.Join(", ", unweighed.Take(3))}{(unweighed.Count > 3 ? ", …" : "")}).");
    }
}
