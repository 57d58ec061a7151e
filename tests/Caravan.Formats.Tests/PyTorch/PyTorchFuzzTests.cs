using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

/// <summary>Damaged checkpoints end in a sentence or in tensors whose every byte can be read.</summary>
public sealed class PyTorchFuzzTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_archives(bool zip64) => Fuzz(TorchFiles.Writer(Pickle(false), Storages(), zip64).Bytes(), 1);

    [Fact]
    public void Damaged_deflated_pickles() => Fuzz(TorchFiles.Writer(Pickle(false), Storages(), zip64: false, deflatePickle: true).Bytes(), 2);

    [Fact]
    public void Damaged_streams() => Fuzz(TorchFiles.Legacy(Pickle(true), 4, Storages()), 3);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Damaged_pickles_in_sound_archives(byte protocol)
    {
        int refused = MutationFuzzer.Run(Pickle(false, protocol), MutationFuzzer.Mutations(), 10 + protocol, pickle =>
        {
            using TemporaryFolder folder = TemporaryFolder.InMemory();
            ReadAll(folder.Write("x.bin", TorchFiles.Zip(pickle, Storages())));
        });
        Assert.InRange(refused, 1, MutationFuzzer.Mutations());
    }

    private static void Fuzz(byte[] file, int seed)
    {
        int mutations = MutationFuzzer.Mutations();
        Assert.InRange(MutationFuzzer.RunOnFile(file, mutations, seed, "x.bin", ReadAll), 1, mutations);
    }

    private static void ReadAll(string path)
    {
        using Checkpoint checkpoint = PyTorchReader.Open(path);
        foreach (TensorEntry tensor in checkpoint.Tensors.Values)
        {
            Assert.Equal(tensor.DType.Bytes(tensor.Elements), tensor.Data.Length);
            // Touches the first and the last byte: a view outside the file would crash.
            if (tensor.Data.Length > 0) GC.KeepAlive(tensor.Data[0] + tensor.Data[tensor.Data.Length - 1]);
        }
    }

    private static (string Key, byte[] Data)[] Storages() => [("0", TorchFiles.Counting(12)), ("1", TorchFiles.Counting(3))];

    private static byte[] Pickle(bool legacy, byte protocol = 2) => new PickleWriter(protocol).Raw('}').Raw('(')
        .Text("epoch").Number(70000)
        .Text("model").EmptyOrderedDict().Raw((byte)'q', 0).Raw('(')
        .Text("rows").Tensor(DType.F32, "0", 12, 4, [2, 2], [2, 1], legacy)
        .Text("transposed").Tensor(DType.F32, "0", 12, 0, [4, 3], [1, 4], legacy)
        .Text("expanded").Tensor(DType.F32, "1", 3, 0, [5, 3], [0, 1], legacy)
        .Raw('u').Raw('u').Text("again").Raw((byte)'h', 0).Raw('s').Stop();
}
