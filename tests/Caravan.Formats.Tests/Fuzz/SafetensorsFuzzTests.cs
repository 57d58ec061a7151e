using System.Text;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public class SafetensorsFuzzTests
{
    [Fact]
    public void Damaged_files_are_refused_or_read()
    {
        using TemporaryFolder folder = new();
        Random random = new(8);
        TensorSource[] tensors = [.. ((DType[])[DType.F32, DType.BF16, DType.U8, DType.I64])
            .Select((type, i) => RandomTensors.One(random, type, $"layers.{i}.weight").Source)];
        SafetensorsWriter.Write(folder.File("seed.safetensors"), tensors);
        int mutations = MutationFuzzer.Mutations();

        int refused = MutationFuzzer.RunOnFile(File.ReadAllBytes(folder.File("seed.safetensors")), mutations, 2, "x.safetensors", path =>
        {
            using Checkpoint checkpoint = SafetensorsReader.Open(path);
            foreach (TensorEntry tensor in checkpoint.Tensors.Values.Where(tensor => tensor.IsSupported))
                Assert.Equal(tensor.DType.Bytes(tensor.Elements), tensor.Data.AsSpan().ToArray().Length);
        });

        Assert.InRange(refused, mutations / 4, mutations - 1);
    }

    [Fact]
    public void Damaged_indexes_and_configs_are_refused_or_read()
    {
        using TemporaryFolder folder = TemporaryFolder.InMemory();
        folder.Write("config.json", "{}"u8);
        SafetensorsWriter.WriteFolder(folder.Path, [.. "abcd".Select(name => new TensorSource($"{name}", DType.U8, [1], stream => stream.WriteByte(1)))], 1);
        byte[] index = File.ReadAllBytes(folder.File("model.safetensors.index.json"));
        byte[] config = Encoding.UTF8.GetBytes("{\"model_type\": \"llama\", \"rope\": {\"factor\": 8.0, \"t\": Infinity}, \"names\": [\"a\\u00e9\", null, true]}");
        int mutations = MutationFuzzer.Mutations();

        int refusedIndexes = MutationFuzzer.Run(index, mutations, 3, input => Open(folder, "model.safetensors.index.json", input));
        folder.Write("model.safetensors.index.json", index);
        int refusedConfigs = MutationFuzzer.Run(config, mutations, 4, input => Open(folder, "config.json", input));

        Assert.InRange(refusedIndexes, mutations / 4, mutations - 1);
        Assert.InRange(refusedConfigs, mutations / 4, mutations - 1);
    }

    private static void Open(TemporaryFolder folder, string name, byte[] content)
    {
        folder.Write(name, content);
        using Checkpoint checkpoint = CheckpointReader.Open(folder.Path);
        Assert.NotNull(checkpoint.Config!.Value.GetRawText());
    }
}
