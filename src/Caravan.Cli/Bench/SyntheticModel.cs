using System.Buffers.Binary;
using System.Collections.Immutable;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>A GGUF file with random weights in the shape of a real model: it says nothing sensible, at the real model's speed.</summary>
/// <param name="shape">Its sizes.</param>
/// <param name="type">How its weights are stored.</param>
internal sealed class SyntheticModel(SyntheticShape shape, QuantizationMix type)
{
    /// <summary>Changes whenever the contents of the files do, so that files kept from before are not taken for these.</summary>
    private const int Edition = 1;
    private const string DescriptionKey = "general.description";
    private const string Prefix = "llama.";

    /// <summary>Where it is kept when nobody says where.</summary>
    public string UsualPath => Path.Combine(Path.GetTempPath(), $"caravan-bench-{Environment.UserName}", $"{shape.Name}-{type.Name}.gguf");

    private string Description => $"Random weights in the shape of {shape.Name}, type {type.Name}, edition {Edition}, made by caravan bench";

    /// <summary>Whether the file is this model already.</summary>
    public bool IsAt(string path)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return file.Metadata.String(DescriptionKey) == Description;
        }
        catch (CaravanException)
        {
            return false;
        }
    }

    /// <summary>Writes the file; it appears under its name when it is complete.</summary>
    /// <exception cref="CaravanException">It cannot be written; nothing is left behind.</exception>
    public void Write(string path, WriteOptions options)
    {
        GgufWriter.Write(path, Metadata(), [.. Tensors()], options);
    }

    /// <summary>Its weights, in the order of the file.</summary>
    internal IEnumerable<TensorSource> Tensors()
    {
        RandomWeights weights = new();
        MixModel facts = new(shape.Layers, shape.Heads / shape.KeyValueHeads, Experts: shape.Experts);
        ulong seed = 0;
        (int hidden, int inner) = (shape.Hidden, shape.FeedForward);
        yield return Matrix("token_embd", 0, [shape.Vocabulary, hidden], TensorRole.Embedding);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            yield return Ones(block + "attn_norm", hidden);
            yield return Matrix(block + "attn_q", layer, [hidden, hidden]);
            yield return Matrix(block + "attn_k", layer, [shape.KeyValueSize, hidden], TensorRole.AttentionKey);
            yield return Matrix(block + "attn_v", layer, [shape.KeyValueSize, hidden], TensorRole.AttentionValue);
            yield return Matrix(block + "attn_output", layer, [hidden, hidden], TensorRole.AttentionOutput);
            yield return Ones(block + "ffn_norm", hidden);
            if (shape.Experts > 0) yield return Stored(block + "ffn_gate_inp", DType.F32, [shape.Experts, hidden]);
            (string suffix, ImmutableArray<long> stack) = shape.Experts > 0 ? ("_exps", [shape.Experts]) : ("", ImmutableArray<long>.Empty);
            yield return Matrix(block + "ffn_gate" + suffix, layer, [.. stack, inner, hidden]);
            yield return Matrix(block + "ffn_up" + suffix, layer, [.. stack, inner, hidden]);
            yield return Matrix(block + "ffn_down" + suffix, layer, [.. stack, hidden, inner], TensorRole.FeedForwardDown);
        }

        yield return Ones("output_norm", hidden);
        yield return Matrix("output", 0, [shape.Vocabulary, hidden], TensorRole.Head);

        TensorSource Matrix(string name, int layer, ImmutableArray<long> dimensions, TensorRole role = TensorRole.Other) =>
            Stored(name, type.TypeOf(role, layer, facts), dimensions);

        TensorSource Stored(string name, DType stored, ImmutableArray<long> dimensions)
        {
            ulong own = ++seed;
            long columns = dimensions[^1], rows = dimensions.Aggregate((product, dimension) => product * dimension) / columns;
            return new TensorSource($"{name}.weight", stored, dimensions, stream => weights.Write(stream, stored, rows, columns, own));
        }
    }

    private GgufMetadata Metadata()
    {
        GgufMetadata metadata = new();
        metadata.Set("general.architecture", "llama");
        metadata.Set("general.name", $"synthetic {shape.Name}");
        metadata.Set(DescriptionKey, Description);
        metadata.Set("general.file_type", GgufFileTypes.Of(type.Type));
        metadata.Set("general.quantization_version", 2u);
        metadata.Set(Prefix + "vocab_size", (uint)shape.Vocabulary);
        metadata.Set(Prefix + "context_length", (uint)shape.Context);
        metadata.Set(Prefix + "embedding_length", (uint)shape.Hidden);
        metadata.Set(Prefix + "block_count", (uint)shape.Layers);
        metadata.Set(Prefix + "feed_forward_length", (uint)shape.FeedForward);
        metadata.Set(Prefix + "attention.head_count", (uint)shape.Heads);
        metadata.Set(Prefix + "attention.head_count_kv", (uint)shape.KeyValueHeads);
        metadata.Set(Prefix + "attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.Set(Prefix + "rope.dimension_count", (uint)shape.HeadSize);
        metadata.Set(Prefix + "rope.freq_base", 10_000f);
        if (shape.Experts > 0)
        {
            metadata.Set(Prefix + "expert_count", (uint)shape.Experts);
            metadata.Set(Prefix + "expert_used_count", (uint)shape.ExpertsPerToken);
        }

        SyntheticVocabulary.Write(metadata, shape.Vocabulary);
        return metadata;
    }

    private static TensorSource Ones(string name, int count)
    {
        ImmutableArray<long> dimensions = [count];
        byte[] one = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(one, 1);
        return new TensorSource($"{name}.weight", DType.F32, dimensions, stream =>
        {
            for (int i = 0; i < count; i++) stream.Write(one);
        });
    }
}
