using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Text;

namespace Caravan.Models;

/// <summary>A language model loaded from disk: its family, its specification and its decoder over the mapped weights.</summary>
public sealed class Model : IDisposable
{
    private readonly Checkpoint checkpoint;
    private readonly IReadOnlyList<Tensor> owned;
    private readonly IReadOnlyList<MappedMatrix> mapped = [];
    private readonly List<Adapter> ownAdapters = [];
    private readonly Lazy<(Tokenizer? Tokenizer, string Searched)> tokenizer;

    private Model(Checkpoint checkpoint, ModelOptions options)
    {
        this.checkpoint = checkpoint;
        tokenizer = new(() =>
        {
            Tokenizer? found = ModelTokenizer.Find(checkpoint, options.TokenizerPath, Spec!.VocabularySize, out string searched);
            return (found, searched);
        });
        Family = FamilyCatalog.Of(checkpoint, out string architecture);
        WeightReader weights = new(checkpoint, Family, options);
        try
        {
            ConfigReader config = new(checkpoint, architecture, Family, weights);
            Spec = Family.Spec(config);
            SpecChecks.Require(Spec, checkpoint.Path);
            weights.Describe(Spec);
            Network = Spec.Build(weights);
            Unread = [.. config.UnreadKeys.Except(Family.KeysWithoutInfluence).Select(key => $"configuration key '{key}'"), .. weights.Untaken.Select(name => $"tensor '{name}'")];
            if (options.Strict && Unread.Count > 0)
                throw new CaravanException($"'{Path}' holds what the family {Family.Name} does not use: {string.Join(", ", Unread)}; load it without strict checking to ignore that.");
            mapped = weights.Matrices;
            Reader = weights;
            if (options is { Repack: true, Trainable: false }) Repacker.Run(checkpoint.Path, mapped, Stack.EmbeddingName);
            foreach (AdapterSource adapter in options.Adapters) Attach(adapter);
        }
        finally
        {
            owned = weights.Owned;
        }
    }

    /// <summary>The file or folder it was loaded from.</summary>
    public string Path => checkpoint.Path;

    /// <summary>The files behind it.</summary>
    internal Checkpoint Checkpoint => checkpoint;

    /// <summary>Its family.</summary>
    internal Family Family { get; }

    /// <summary>What its weights were taken from.</summary>
    internal WeightReader Reader { get; }

    /// <summary>How it computes.</summary>
    internal StackSpec Spec { get; }

    /// <summary>Every weight by its canonical name, in order of use; tied weights once.</summary>
    internal IReadOnlyList<Tensor> Weights => Reader.Taken;

    /// <summary>Its linear layers and the adapters attached to them.</summary>
    internal AdapterTable Adapters => Reader.Adapters;

    /// <summary>The adapters that requests can name.</summary>
    public IReadOnlyList<string> AdapterNames => [.. Adapters.Attached.OfType<Adapter>().Select(adapter => adapter.Name)];

    /// <summary>What computes.</summary>
    internal Network Network { get; }

    /// <summary>The decoder of a model that is nothing else.</summary>
    /// <exception cref="CaravanException">It is something else.</exception>
    internal Decoder Decoder => Network as Decoder ?? VisionLanguage?.Decoder ?? throw new CaravanException(Network is EncoderDecoder
        ? $"'{Path}' is an encoder-decoder of the family {Family.Name}: it answers a text instead of continuing it, and this needs a model that continues."
        : $"'{Path}' is {Network.KindWithArticle} of the family {Family.Name}: it turns texts into vectors and continues none, and this needs a model that continues.");

    /// <summary>The encoder-decoder; null for other kinds.</summary>
    internal EncoderDecoder? EncoderDecoder => Network as EncoderDecoder;

    /// <summary>The decoder that sees images; null for other kinds.</summary>
    internal VisionLanguage? VisionLanguage => Network as VisionLanguage;

    /// <summary>The encoder of a model that has one.</summary>
    /// <exception cref="CaravanException">It has none.</exception>
    internal Encoder Encoder => Network as Encoder ?? EncoderDecoder?.Encoder
        ?? throw new CaravanException($"'{Path}' is {Network.KindWithArticle} of the family {Family.Name} and has no encoder; this needs one.");

    /// <summary>What generates tokens: the decoder, alone or behind an encoder.</summary>
    /// <exception cref="CaravanException">The model generates none.</exception>
    internal Decoder Generator => EncoderDecoder?.Decoder ?? Decoder;

    /// <summary>Whether there is a tokenizer; without one a model takes token numbers only.</summary>
    /// <exception cref="CaravanException">There is one, and it is broken.</exception>
    public bool HasTokenizer => tokenizer.Value.Tokenizer is not null;

    /// <summary>Its tokenizer, read on first use.</summary>
    /// <exception cref="CaravanException">There is none, or it is broken.</exception>
    public Tokenizer Tokenizer => tokenizer.Value.Tokenizer
        ?? throw new CaravanException($"'{Path}' came without a tokenizer: {tokenizer.Value.Searched}; name one with --tokenizer, or give token numbers.");

    /// <summary>Whether weights were repacked (<see cref="ModelOptions.Repack"/>): only products with 8-bit activations on the widest instruction set read them.</summary>
    internal bool IsRepacked => mapped.Any(matrix => matrix.Weight.Interleaved);

    /// <summary>Configuration keys and tensors of the file that the family did not use: worth a look when numbers surprise.</summary>
    public IReadOnlyList<string> Unread { get; }

    /// <summary>Loads a model from a GGUF, safetensors, PyTorch or llama2.c file or a Hugging Face folder. Weights are mapped, not read.</summary>
    /// <exception cref="CaravanException">The files are missing or damaged, the architecture is unknown, or weights do not fit the configuration.</exception>
    public static Model Load(string path, ModelOptions? options = null)
    {
        Checkpoint checkpoint = options?.Starting is null ? CheckpointReader.Open(path) : HuggingFaceFolder.OpenConfiguration(path);
        try
        {
            return new Model(checkpoint, options ?? new ModelOptions());
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Reads an adapter and attaches it; the model disposes it.</summary>
    /// <returns>Its slot.</returns>
    /// <exception cref="CaravanException">It cannot be read, was made for another model, or its name is taken.</exception>
    internal int Attach(AdapterSource source)
    {
        string name = source.Name ?? PeftReader.NameOf(source.Path);
        if (AdapterNames.Contains(name)) throw new CaravanException($"Two adapters are called '{name}'; give one of them another name (PATH=NAME).");
        Adapter adapter = PeftReader.Read(source.Path, this, name);
        ownAdapters.Add(adapter);
        return Adapters.Attach(adapter);
    }

    /// <summary>The slot of an adapter.</summary>
    /// <param name="name">Its name; null for none.</param>
    /// <returns>−1 for none.</returns>
    /// <exception cref="CaravanException">There is none of that name.</exception>
    internal int SlotOf(string? name)
    {
        if (name is null) return -1;
        for (int slot = 0; slot < Adapters.Attached.Count; slot++)
            if (Adapters.Attached[slot]?.Name == name) return slot;
        string known = AdapterNames.Count == 0 ? "none is attached to it" : $"attached are {string.Join(", ", AdapterNames)}";
        throw new CaravanException($"'{Path}' has no adapter '{name}'; {known}.{Suggestion.DidYouMean(name, AdapterNames)}");
    }

    /// <summary>Refuses sequences for which the model has not learned positions.</summary>
    /// <exception cref="CaravanException">There are fewer positions than <paramref name="tokens"/>.</exception>
    internal void RequirePositions(int tokens)
    {
        int most = Spec.LongestSequence;
        if (tokens > most) throw new CaravanException($"'{Path}' has learned positions for {most} tokens, and a context of {tokens} was asked for; ask for {most} at most.");
    }

    /// <summary>
    /// The first weight that holds a NaN or an infinity, with its name on disk, or null. Reads every weight, so it is asked when logits turn out
    /// not to be numbers, and not at every load.
    /// </summary>
    public string? FindNonFiniteWeight()
    {
        using NativeBuffer buffer = new(1 << 20, clear: false);
        NativeSpan<float> piece = buffer.Bytes.Cast<float>();
        foreach (Tensor weight in Weights)
        {
            if (!IsFinite(weight.DType, Stored(weight), piece)) return Family.NamesOnDisk(weight.Name!, checkpoint.Metadata is not null).First().Name;
        }

        return null;
    }

    /// <summary>Unmaps the weights.</summary>
    public void Dispose()
    {
        foreach (Adapter adapter in ownAdapters) adapter.Dispose();
        foreach (Tensor tensor in owned) tensor.Dispose();
        foreach (MappedMatrix matrix in mapped) matrix.Weight.Dispose();
        checkpoint.Dispose();
    }

    /// <summary>The bytes of a weight in the order of the file.</summary>
    private NativeSpan<byte> Stored(Tensor weight) =>
        weight.Interleaved ? mapped.First(matrix => matrix.Weight == weight).Source.InFile : weight.Bytes;

    private static bool IsFinite(DType type, NativeSpan<byte> blocks, NativeSpan<float> piece)
    {
        QuantFormat format = QuantFormats.Of(type);
        int block = type.BlockElements();
        long step = piece.Length / block * block, elements = blocks.Length / type.BlockBytes() * block;
        for (long start = 0; start < elements; start += step)
        {
            NativeSpan<float> values = piece.Slice(0, Math.Min(step, elements - start));
            format.Decode(blocks.Slice(type.Bytes(start), type.Bytes(values.Length)), values);
            foreach (float value in values.AsSpan())
                if (!float.IsFinite(value)) return false;
        }

        return true;
    }
}
