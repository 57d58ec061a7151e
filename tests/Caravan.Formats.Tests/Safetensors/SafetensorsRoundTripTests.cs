using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class SafetensorsRoundTripTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_models_come_back(int seed)
    {
        List<(TensorSource Source, byte[] Bytes)> tensors = RandomModel(seed);
        string path = folder.File("x.safetensors");

        SafetensorsWriter.Write(path, Sources(tensors), new Dictionary<string, string> { ["author"] = "Jörg \u4F60" });
        using Checkpoint checkpoint = CheckpointReader.Open(path);

        Assert.Equal("safetensors", checkpoint.Format);
        Assert.Null(checkpoint.Config);
        Assert.Equal(new Dictionary<string, string> { ["format"] = "pt", ["author"] = "Jörg \u4F60" }, checkpoint.Annotations);
        AssertSame(tensors, checkpoint);
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(0, BitConverter.ToInt64(file) % 8);
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 1)]
    [InlineData(3, 1_000_000)]
    public void Random_models_come_back_from_shards(int seed, long maximumShardBytes)
    {
        List<(TensorSource Source, byte[] Bytes)> tensors = RandomModel(seed);
        folder.Write("config.json", "{\"model_type\": \"llama\"}"u8);

        IReadOnlyList<string> files = SafetensorsWriter.WriteFolder(folder.Path, Sources(tensors), maximumShardBytes);
        using Checkpoint checkpoint = CheckpointReader.Open(folder.Path);

        Assert.Equal(files.Append(folder.File("config.json")).Order(), Directory.EnumerateFiles(folder.Path).Order());
        Assert.Equal(files.Count == 1 ? "safetensors" : $"safetensors ({files.Count - 1} files)", checkpoint.Format);
        Assert.Equal("llama", checkpoint.Config!.Value.GetProperty("model_type").GetString());
        AssertSame(tensors, checkpoint);
    }

    [Fact]
    public void Shards_replace_a_single_file_and_the_other_way_round()
    {
        folder.Write("config.json", "{}"u8);
        List<(TensorSource Source, byte[] Bytes)> first = RandomModel(1), second = RandomModel(2);

        SafetensorsWriter.WriteFolder(folder.Path, Sources(first));
        SafetensorsWriter.WriteFolder(folder.Path, Sources(second), maximumShardBytes: 100);
        using (Checkpoint checkpoint = CheckpointReader.Open(folder.Path)) AssertSame(second, checkpoint);
        SafetensorsWriter.WriteFolder(folder.Path, Sources(first));
        using (Checkpoint checkpoint = CheckpointReader.Open(folder.Path)) AssertSame(first, checkpoint);
    }

    [Fact]
    public void Tensors_that_safetensors_cannot_hold_are_refused()
    {
        string Refusal(params TensorSource[] tensors) => Sentence.Of(() => SafetensorsWriter.Write(folder.File("x.safetensors"), tensors));

        Assert.Equal(
            "Tensor 'a' is Q4_0, for which safetensors has no type; write a GGUF file, or convert it to F16 or F32.",
            Refusal(new TensorSource("a", DType.Q4_0, [32], _ => { })));
        Assert.Equal(
            "A tensor cannot be named '__metadata__' in a safetensors file; rename it.",
            Refusal(new TensorSource("__metadata__", DType.F32, [], _ => { })));
        Assert.Equal(
            "Two tensors are to be written under the name 'a'; names must differ.",
            Refusal(new TensorSource("a", DType.F32, [], _ => { }), new TensorSource("a", DType.F16, [], _ => { })));
        Assert.Equal(
            "Tensor 'a' (F32 [4611686018427387904, 4]) is too large to be stored.",
            Refusal(new TensorSource("a", DType.F32, [1L << 62, 4], _ => { })));
    }

    private static List<(TensorSource Source, byte[] Bytes)> RandomModel(int seed)
    {
        Random random = new(seed);
        DType[] types = [.. Enum.GetValues<DType>().Where(type => SafetensorsTypes.Of(type) is not null)];
        return [.. types.Concat(types).Select((type, i) => RandomTensors.One(random, type, $"tensor \"{i}\" \u4F60"))];
    }

    private static TensorSource[] Sources(List<(TensorSource Source, byte[] Bytes)> tensors) => [.. tensors.Select(tensor => tensor.Source)];

    private static void AssertSame(List<(TensorSource Source, byte[] Bytes)> tensors, Checkpoint checkpoint)
    {
        Assert.Equal(tensors.Count, checkpoint.Tensors.Count);
        foreach ((TensorSource source, byte[] bytes) in tensors) RandomTensors.AssertEqual(source, bytes, checkpoint.Tensors[source.Name]);
    }
}
