using System.Buffers.Binary;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class Llama2cReaderTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public void Every_version_gives_back_what_was_written(int version, bool shared)
    {
        using TemporaryFolder folder = new();
        Llama2cWriter writer = new(version) { Shared = shared };
        using Checkpoint checkpoint = Llama2cReader.Open(folder.Write("model.bin", writer.Bytes()));

        Assert.Equal($"llama2.c version {version}", checkpoint.Format);
        Assert.Null(checkpoint.Config);
        string[] expected = [.. writer.Written.Keys.Where(name => name is not ("cosines.weight" or "sines.weight"))];
        Assert.Equal(expected, checkpoint.Tensors.Keys);
        foreach (string name in expected)
            Assert.Equal(writer.Written[name], checkpoint.Tensors[name].Data.Cast<float>().AsSpan().ToArray());
        Assert.All(checkpoint.Tensors.Values, tensor => Assert.Equal(DType.F32, tensor.DType));
        Assert.Equal("[8, 16]", checkpoint.Tensors["blk.1.attn_k.weight"].ShapeText);
        Assert.Equal("[16, 20]", checkpoint.Tensors["blk.1.ffn_down.weight"].ShapeText);
        Assert.Equal("[20, 16]", checkpoint.Tensors["blk.0.ffn_up.weight"].ShapeText);
        Assert.Equal("[11, 16]", checkpoint.Tensors["token_embd.weight"].ShapeText);
    }

    [Fact]
    public void The_header_is_described_in_llama_keys()
    {
        using TemporaryFolder folder = new();
        using Checkpoint checkpoint = Llama2cReader.Open(folder.Write("model.bin", new Llama2cWriter(1).Bytes()));
        GgufMetadata metadata = Assert.IsType<GgufMetadata>(checkpoint.Metadata);
        Assert.Equal("llama", metadata.String("general.architecture"));
        Assert.Equal(16, metadata.Integer("llama.embedding_length"));
        Assert.Equal(20, metadata.Integer("llama.feed_forward_length"));
        Assert.Equal(2, metadata.Integer("llama.block_count"));
        Assert.Equal(4, metadata.Integer("llama.attention.head_count"));
        Assert.Equal(2, metadata.Integer("llama.attention.head_count_kv"));
        Assert.Equal(6, metadata.Integer("llama.context_length"));
        Assert.Equal(11, metadata.Integer("llama.vocab_size"));
        Assert.Equal(4, metadata.Integer("llama.rope.dimension_count"));
        Assert.Equal(10000, metadata.Real("llama.rope.freq_base"));
        Assert.Equal(1e-5f, metadata.Real("llama.attention.layer_norm_rms_epsilon"));
    }

    [FixtureFact]
    public void The_trained_model_equals_its_Hugging_Face_conversion()
    {
        using Checkpoint checkpoint = Llama2cReader.Open(Fixtures.PathOf("real", "stories260K.bin"));
        using SafetensorsValues reference = new(Fixtures.PathOf("real", "stories260K-hf", "model.safetensors"));
        Assert.Equal(reference["model.embed_tokens.weight"], Values(checkpoint, "token_embd.weight"));
        Assert.Equal(reference["model.norm.weight"], Values(checkpoint, "output_norm.weight"));
        for (int layer = 0; layer < 5; layer++)
        {
            string there = $"model.layers.{layer}";
            string here = $"blk.{layer}";
            Assert.Equal(reference[$"{there}.self_attn.q_proj.weight"], HalfSplit(Values(checkpoint, $"{here}.attn_q.weight"), heads: 8));
            Assert.Equal(reference[$"{there}.self_attn.k_proj.weight"], HalfSplit(Values(checkpoint, $"{here}.attn_k.weight"), heads: 4));
            Assert.Equal(reference[$"{there}.self_attn.v_proj.weight"], Values(checkpoint, $"{here}.attn_v.weight"));
            Assert.Equal(reference[$"{there}.self_attn.o_proj.weight"], Values(checkpoint, $"{here}.attn_output.weight"));
            Assert.Equal(reference[$"{there}.mlp.gate_proj.weight"], Values(checkpoint, $"{here}.ffn_gate.weight"));
            Assert.Equal(reference[$"{there}.mlp.down_proj.weight"], Values(checkpoint, $"{here}.ffn_down.weight"));
            Assert.Equal(reference[$"{there}.mlp.up_proj.weight"], Values(checkpoint, $"{here}.ffn_up.weight"));
            Assert.Equal(reference[$"{there}.input_layernorm.weight"], Values(checkpoint, $"{here}.attn_norm.weight"));
            Assert.Equal(reference[$"{there}.post_attention_layernorm.weight"], Values(checkpoint, $"{here}.ffn_norm.weight"));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_wrong_size_is_refused_with_both_sizes(int version)
    {
        using TemporaryFolder folder = new();
        byte[] bytes = new Llama2cWriter(version).Bytes();
        string cut = folder.Write("cut.bin", bytes.AsSpan(..^4));
        string sentence = Assert.Throws<CaravanException>(() => Llama2cReader.Open(cut)).Message;
        Assert.Contains($"holds {bytes.Length - 4} bytes", sentence, StringComparison.Ordinal);
        Assert.Contains($"asks for exactly {bytes.Length};", sentence, StringComparison.Ordinal);
        string long_ = folder.Write("long.bin", [.. bytes, 0]);
        Assert.Contains($"holds {bytes.Length + 1} bytes", Assert.Throws<CaravanException>(() => Llama2cReader.Open(long_)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, "says dim 0; 1 to 1048576 was expected")]
    [InlineData(0, 2000000, "says dim 2000000; 1 to 1048576 was expected")]
    [InlineData(1, -3, "says hidden_dim -3; 1 to 4194304 was expected")]
    [InlineData(2, int.MaxValue, "says n_layers 2147483647; 1 to 4096 was expected")]
    [InlineData(3, 3, "says dim 16, which is not a multiple of n_heads 3")]
    [InlineData(3, 16, "says the head size 1, which is not a multiple of the rotary pair 2")]
    [InlineData(4, 3, "says n_heads 4, which is not a multiple of n_kv_heads 3")]
    [InlineData(4, 8, "says n_kv_heads 8; 1 to 4 was expected")]
    [InlineData(5, int.MinValue, "says vocab_size -2147483648; 1 to 16777216 was expected")]
    [InlineData(6, 0, "says seq_len 0; 1 to 16777216 was expected")]
    public void An_implausible_header_is_refused_by_name(int index, int value, string problem)
    {
        using TemporaryFolder folder = new();
        byte[] bytes = new Llama2cWriter(0).Bytes();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * index), value);
        string path = folder.Write("model.bin", bytes);
        CaravanException exception = Assert.Throws<CaravanException>(() => Llama2cReader.Open(path));
        Assert.Equal($"'{path}' is not a llama2.c checkpoint that can be read: it {problem}.", exception.Message);
    }

    [Fact]
    public void An_unknown_version_and_a_wrong_group_size_are_refused()
    {
        using TemporaryFolder folder = new();
        byte[] bytes = new Llama2cWriter(1).Bytes();
        bytes[4] = 3;
        string later = folder.Write("later.bin", bytes);
        Assert.Contains("is version 3; versions 0, 1 and 2 can be read", Assert.Throws<CaravanException>(() => Llama2cReader.Open(later)).Message, StringComparison.Ordinal);
        byte[] grouped = new Llama2cWriter(2).Bytes();
        grouped[37] = 5;
        string odd = folder.Write("odd.bin", grouped);
        Assert.Contains("dim 16, which is not a multiple of group_size 5", Assert.Throws<CaravanException>(() => Llama2cReader.Open(odd)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_llama2c_files_look_like_one()
    {
        using TemporaryFolder folder = new();
        foreach (int version in new[] { 0, 1, 2 })
            Assert.True(LooksLike(folder, new Llama2cWriter(version).Bytes()));
        Assert.False(LooksLike(folder, [.. "GGUF"u8, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        Assert.False(LooksLike(folder, [.. "PK\u0003\u0004"u8, .. new byte[40]]));
        Assert.False(LooksLike(folder, "short"u8.ToArray()));
        Assert.False(LooksLike(folder, new byte[64]));
    }

    [FixtureFact]
    public void The_rwkv_fixture_does_not_look_like_one()
    {
        using MappedFile file = MappedFile.Open(Fixtures.PathOf("real", "tiny-rwkv-660K-FP32.bin"));
        Assert.False(Llama2cReader.LooksLike(file.Bytes));
    }

    private static bool LooksLike(TemporaryFolder folder, byte[] bytes)
    {
        using MappedFile file = MappedFile.Open(folder.Write("probe", bytes));
        return Llama2cReader.LooksLike(file.Bytes);
    }

    private static float[] Values(Checkpoint checkpoint, string name) => checkpoint.Tensors[name].Data.Cast<float>().AsSpan().ToArray();

    /// <summary>Rows of each head from adjacent pairs [d/2, 2] to half-split [2, d/2], as Hugging Face stores them.</summary>
    private static float[] HalfSplit(float[] matrix, int heads)
    {
        const int Columns = 64;
        int headSize = matrix.Length / Columns / heads;
        float[] result = new float[matrix.Length];
        for (int head = 0; head < heads; head++)
            for (int row = 0; row < headSize; row++)
            {
                int target = (row % 2 * headSize / 2) + (row / 2);
                matrix.AsSpan(((head * headSize) + row) * Columns, Columns).CopyTo(result.AsSpan(((head * headSize) + target) * Columns));
            }

        return result;
    }
}
