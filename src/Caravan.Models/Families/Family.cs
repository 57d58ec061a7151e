using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// A model family: the names it answers to, how its configuration becomes a <see cref="StackSpec"/>, and what its weights are called.
/// The forward pass is not here: that is <see cref="Stack"/>, the same for all.
/// </summary>
internal abstract class Family
{
    /// <summary>Short name, for people and messages.</summary>
    public abstract string Name { get; }

    /// <summary>Values of <c>model_type</c> in <c>config.json</c> that mean this family.</summary>
    public abstract IReadOnlyList<string> ModelTypes { get; }

    /// <summary>Values of <c>general.architecture</c> in GGUF that mean this family; the first is written.</summary>
    public abstract IReadOnlyList<string> GgufArchitectures { get; }

    /// <summary>The weights by all their names.</summary>
    public abstract IReadOnlyList<WeightRow> Weights { get; }

    /// <summary>The paper that describes it.</summary>
    public abstract string Paper { get; }

    /// <summary>This family's names in <c>config.json</c> of what LLaMA's configuration calls something else: <c>hidden_size</c> → <c>n_embd</c>.</summary>
    public virtual IReadOnlyDictionary<string, string> AttributeMap => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;

    /// <summary>Keys of its configuration that say what the weights say themselves, or what changes no number here.</summary>
    public virtual IReadOnlyList<string> KeysWithoutInfluence => [];

    /// <summary>Order of rotary features in Hugging Face checkpoints.</summary>
    public virtual RotaryLayout HuggingFaceRotary => RotaryLayout.HalfSplit;

    /// <summary>Order of rotary features in GGUF.</summary>
    public virtual RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <summary>Whether a checkpoint with one of its names is of this family, where several answer to the same.</summary>
    public virtual bool Recognises(IConfigSource config) => true;

    /// <summary>The specification that a configuration describes.</summary>
    public abstract StackSpec Spec(ConfigReader config);

    /// <summary>Writes the configuration that describes a specification: <see cref="Spec"/> the other way round, but for the scaling of rotary angles.</summary>
    public virtual void Describe(StackSpec spec, ConfigWriter config) => throw new InvalidOperationException($"The family {Name} is never written anew: GGUF knows no architecture for it.");

    /// <summary>Whether a tensor is a table that some writers save beside the weights and that the configuration determines.</summary>
    public virtual bool IsBuffer(string name) => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>Whether a weight, by its canonical name, is of a head without which the model is still of use, so that a format may leave it out.</summary>
    public virtual bool IsHead(string name) => false;

    /// <summary>What stands before the names of a model with a head, and is absent where the base model was saved alone; null where nothing is.</summary>
    public virtual string? BasePrefix => "model.";

    /// <summary>The class that transformers loads such a checkpoint with, as <c>config.json</c> names it under <c>architectures</c>.</summary>
    public virtual string HuggingFaceClass => char.ToUpperInvariant(ModelTypes[0][0]) + ModelTypes[0][1..] + "ForCausalLM";

    /// <summary>
    /// What of a specification this family's files have no words for, so that other programs would compute something else from them; null when
    /// they can say everything. Written for sentences: "a sliding window".
    /// </summary>
    /// <param name="spec">What a file is to describe.</param>
    /// <param name="gguf">Whether the file is a GGUF or a Hugging Face folder.</param>
    /// <param name="weights">The weights that the file will hold.</param>
    public virtual string? Inexpressible(StackSpec spec, bool gguf, WeightReader weights) => LostWhenReadBack(spec, gguf, weights);

    /// <summary>What of a specification is not there when its description is read again; null when nothing is lost.</summary>
    protected string? LostWhenReadBack(StackSpec spec, bool gguf, WeightReader weights)
    {
        ConfigWriter written = new(gguf);
        Describe(spec, written);
        StackSpec read = Spec(new ConfigReader(Name, new WrittenConfigSource(written), weights));
        return SpecDifference.Between(spec, read);
    }

    /// <summary>The order of rotary features in the checkpoint that a configuration comes from.</summary>
    protected RotaryLayout RotaryLayoutOf(ConfigReader config) => config.IsGguf ? GgufRotary : HuggingFaceRotary;

    /// <summary>The places that a weight may have on disk, the usual one first.</summary>
    public IEnumerable<DiskName> NamesOnDisk(string name, bool gguf)
    {
        WeightName weight = WeightName.Parse(name);
        foreach (WeightRow row in Weights.Where(row => row.Name == weight.Template))
            foreach (DiskName place in NamesOnDisk(weight, row, gguf)) yield return place;
    }

    private IEnumerable<DiskName> NamesOnDisk(WeightName weight, WeightRow row, bool gguf)
    {
        if ((gguf ? row.Gguf : row.HuggingFace) is not { } stored) yield break;
        DiskName usual = weight.On(stored);
        yield return usual;
        if (gguf && row.OlderGguf is not null) yield return weight.On(row.OlderGguf);
        if (!gguf && BasePrefix is { } prefix && usual.Name.StartsWith(prefix, StringComparison.Ordinal)) yield return usual with { Name = usual.Name[prefix.Length..] };
    }

    /// <summary>The row of a canonical name.</summary>
    public WeightRow RowOf(string name)
    {
        string template = WeightName.Parse(name).Template;
        return Weights.FirstOrDefault(row => row.Name == template)
            ?? throw new InvalidOperationException($"The family {Name} has no row for the weight '{name}'.");
    }
}
