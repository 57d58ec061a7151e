using System.Collections.Immutable;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class GgufRoundTripTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>One value of every type, and an array of every type, also empty and nested.</summary>
    public static TheoryData<object> Values() =>
    [
        (byte)250, (sbyte)-120, (ushort)65000, (short)-30000, 4_000_000_000u, -2_000_000_000, 1.5f, true, false, "Grüße \u4F60 \U0001F600", "",
        ulong.MaxValue, long.MinValue, Math.PI,
        new byte[] { 1, 255 }, new sbyte[] { -1, 127 }, new ushort[] { 1, 65535 }, new short[] { -1, 2 }, new uint[] { 1, uint.MaxValue },
        new[] { -1, 2 }, new[] { 1.5f, float.NegativeInfinity }, new[] { true, false }, new[] { "a", "", "\u4F60" },
        new ulong[] { 1, ulong.MaxValue }, new[] { -1L, long.MaxValue }, new[] { 0.1, -0.0 },
        Array.Empty<string>(), Array.Empty<float>(), Array.Empty<object>(),
        new object[] { new[] { 1, 2 }, new[] { "x" }, new object[] { new[] { true }, Array.Empty<object>() } },
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_value_comes_back_with_its_type(object value)
    {
        GgufMetadata metadata = new();
        metadata.Set("before", 1u);
        metadata.Set("key", value);
        metadata.Set("after", 2u);
        string path = folder.File("x.gguf");

        GgufWriter.Write(path, metadata, []);
        using Checkpoint checkpoint = CheckpointReader.Open(path);

        Assert.Equal(["before", "key", "after"], checkpoint.Metadata!.Keys);
        Assert.True(checkpoint.Metadata.TryGet("key", out object? read));
        Assert.Equal(value.GetType(), read.GetType());
        Assert.Equal(value, read);
        Assert.Equal(2, checkpoint.Metadata.Integer("after"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_models_come_back(int seed)
    {
        Random random = new(seed);
        DType[] types = [.. Enum.GetValues<DType>().Where(type => GgufTypes.Of(type) is not null)];
        uint alignment = 8u << random.Next(5);
        GgufMetadata metadata = new();
        metadata.Set("general.alignment", alignment);
        for (int i = 0; i < 20; i++) metadata.Set($"key.{i}", RandomTensors.Value(random));
        List<(TensorSource Source, byte[] Bytes)> tensors = [.. types.Concat(types).Select((type, i) => RandomTensors.One(random, type, $"tensor.{i}"))];
        string path = folder.File("x.gguf");

        GgufWriter.Write(path, metadata, [.. tensors.Select(tensor => tensor.Source)]);
        using Checkpoint checkpoint = CheckpointReader.Open(path);

        Assert.Equal("GGUF v3", checkpoint.Format);
        Assert.Equal(metadata.Pairs, checkpoint.Metadata!.Pairs);
        Assert.Equal(tensors.Select(tensor => tensor.Source.Name), checkpoint.Tensors.Keys);
        foreach ((TensorSource source, byte[] bytes) in tensors) RandomTensors.AssertEqual(source, bytes, checkpoint.Tensors[source.Name]);
        Assert.Equal(0, new FileInfo(path).Length % alignment);
    }

    [Fact]
    public void A_checkpoint_copies_to_the_same_bytes()
    {
        Random random = new(5);
        GgufMetadata metadata = new();
        metadata.Set("general.architecture", "llama");
        string first = folder.File("first.gguf"), second = folder.File("second.gguf");
        GgufWriter.Write(first, metadata, [RandomTensors.One(random, DType.Q4_K, "a").Source, RandomTensors.One(random, DType.F16, "b").Source]);

        using (Checkpoint checkpoint = CheckpointReader.Open(first))
            GgufWriter.Write(second, checkpoint.Metadata!, [.. checkpoint.Tensors.Values.Select(TensorSource.From)]);

        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
    }

    [FixtureTheory]
    [InlineData("llama-spm")]
    [InlineData("bert-bge")]
    [InlineData("deepseek-llm")]
    public void Published_vocabularies_are_written_as_they_were(string name)
    {
        string original = Fixtures.PathOf("tokenizers", $"ggml-vocab-{name}.gguf"), copy = folder.File("copy.gguf");
        using (Checkpoint checkpoint = CheckpointReader.Open(original)) GgufWriter.Write(copy, checkpoint.Metadata!, []);

        byte[] expected = File.ReadAllBytes(original), written = File.ReadAllBytes(copy);
        Assert.True(written.AsSpan(0, expected.Length).SequenceEqual(expected), "the copy differs from the published file");
        Assert.True(written.Length - expected.Length < 32, "only padding may follow");
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Both_versions_are_read(uint version)
    {
        string path = folder.Write("x.gguf", new GgufBytes(tensors: 1, version: version).Tensor("a", 0, 0, 2, 3).Data(24).ToArray());
        using Checkpoint checkpoint = CheckpointReader.Open(path);
        Assert.Equal($"GGUF v{version}", checkpoint.Format);
        Assert.Equal("[3, 2]", checkpoint.Tensors["a"].ShapeText);
    }

    [Fact]
    public void Tensors_that_gguf_cannot_hold_are_refused()
    {
        string Refusal(DType type, string name, params ImmutableArray<long> shape) =>
            Sentence.Of(() => GgufWriter.Write(folder.File("x.gguf"), new GgufMetadata(), [new TensorSource(name, type, shape, _ => { })]));

        Assert.Equal("Tensor 'a' (U8 [4]) cannot be stored in GGUF: it has no type for U8; convert it to I8 or I32.", Refusal(DType.U8, "a", 4));
        Assert.Equal(
            "Tensor 'a' (F32 [1, 1, 1, 1, 1]) cannot be stored in GGUF: it has at most 4 dimensions; reshape it.", Refusal(DType.F32, "a", 1, 1, 1, 1, 1));
        Assert.Equal(
            "Tensor 'a' (Q4_K [256, 64]) cannot be stored in GGUF: its rows must fill whole blocks of 256; store it as F16 or Q8_0.",
            Refusal(DType.Q4_K, "a", 256, 64));
        Assert.EndsWith("names have at most 63 bytes.", Refusal(DType.F32, new string('n', 64), 1), StringComparison.Ordinal);
        Assert.Equal(
            "Two tensors are to be written under the name 'a'; names must differ.",
            Sentence.Of(() => GgufWriter.Write(folder.File("x.gguf"), new GgufMetadata(),
                [new TensorSource("a", DType.F32, [], _ => { }), new TensorSource("a", DType.F32, [], _ => { })])));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Values_that_gguf_cannot_hold_are_refused()
    {
        GgufMetadata metadata = new();
        metadata.Set("k", 1m);
        Assert.Equal(
            "The value of 'k' is a Decimal, for which GGUF has no type.", Sentence.Of(() => GgufWriter.Write(folder.File("x.gguf"), metadata, [])));
    }
}
