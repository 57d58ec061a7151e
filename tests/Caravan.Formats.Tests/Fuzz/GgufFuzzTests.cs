using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public class GgufFuzzTests
{
    [Fact]
    public void Damaged_files_are_refused_or_read()
    {
        using TemporaryFolder folder = new();
        byte[] seed = Seed(folder);
        int mutations = MutationFuzzer.Mutations();

        int refused = MutationFuzzer.RunOnFile(seed, mutations, 1, "x.gguf", path =>
        {
            using Checkpoint checkpoint = CheckpointReader.Open(path);
            foreach (TensorEntry tensor in checkpoint.Tensors.Values)
            {
                if (tensor.IsSupported) Assert.Equal(tensor.DType.Bytes(tensor.Elements), tensor.Data.AsSpan().Length);
                Touch(tensor);
            }
        });

        Assert.InRange(refused, mutations / 4, mutations - 1);
    }

    /// <summary>Reads the first and last byte: a view outside the mapping would crash here.</summary>
    private static void Touch(TensorEntry tensor)
    {
        if (tensor.IsSupported && tensor.Data.Length > 0) _ = tensor.Data[0] + tensor.Data[tensor.Data.Length - 1];
    }

    private static byte[] Seed(TemporaryFolder folder)
    {
        Random random = new(7);
        GgufMetadata metadata = new();
        metadata.Set("general.architecture", "llama");
        metadata.Set("general.alignment", 32u);
        metadata.Set("split.count", (ushort)1);
        for (int i = 0; i < 10; i++) metadata.Set($"k{i}", RandomTensors.Value(random));
        TensorSource[] tensors = [.. ((DType[])[DType.F32, DType.Q4_0, DType.Q6_K, DType.F16, DType.I8])
            .Select((type, i) => RandomTensors.One(random, type, $"blk.{i}.weight").Source)];
        GgufWriter.Write(folder.File("seed.gguf"), metadata, tensors);
        return File.ReadAllBytes(folder.File("seed.gguf"));
    }
}
