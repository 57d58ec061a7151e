using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

/// <summary>Damaged checkpoints and vocabularies end in a sentence or in values that can all be read.</summary>
public sealed class Llama2cFuzzTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_checkpoints(int version)
    {
        byte[] file = new Llama2cWriter(version) { Dimension = 8, Hidden = 8, Heads = 2, KeyValueHeads = 1, Layers = 1, Vocabulary = 3 }.Bytes();
        MutationFuzzer.RunOnFile(file, MutationFuzzer.Mutations(), 20 + version, "model.bin", path =>
        {
            using (MappedFile mapped = MappedFile.Open(path)) Llama2cReader.LooksLike(mapped.Bytes);
            using Checkpoint checkpoint = Llama2cReader.Open(path);
            foreach (TensorEntry tensor in checkpoint.Tensors.Values)
                Assert.Equal(tensor.DType.Bytes(tensor.Elements), tensor.Data.Length);
        });
    }

    [Fact]
    public void Damaged_headers_alone()
    {
        byte[] file = new Llama2cWriter(1).Bytes();
        int refused = MutationFuzzer.Run(file[..40], MutationFuzzer.Mutations(), 30, header =>
        {
            using TemporaryFolder folder = TemporaryFolder.InMemory();
            Llama2cReader.Open(folder.Write("model.bin", [.. header, .. file.AsSpan(header.Length)])).Dispose();
        });
        Assert.InRange(refused, 1, MutationFuzzer.Mutations());
    }

    [Fact]
    public void Damaged_vocabularies()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(4);
        foreach (string piece in new[] { "<unk>", "a", " the", "b" })
        {
            writer.Write(-1.5f);
            writer.Write(piece.Length);
            writer.Write(piece.ToCharArray());
        }

        MutationFuzzer.RunOnFile(stream.ToArray(), MutationFuzzer.Mutations(), 40, "tokenizer.bin", path => Llama2cTokenizerFile.Read(path));
    }
}
