using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class GgufSplitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_part_opens_the_whole_model(int part)
    {
        WriteParts();
        using Checkpoint checkpoint = CheckpointReader.Open(Part(part));

        Assert.Equal("GGUF v3 (3 files)", checkpoint.Format);
        Assert.Equal(["general.architecture"], checkpoint.Metadata!.Keys);
        Assert.Equal(["t0", "t1", "t2"], checkpoint.Tensors.Keys);
        Assert.Equal([0, 1, 2], checkpoint.Tensors.Values.Select(tensor => (int)tensor.Data[0]));
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        WriteParts();
        File.Delete(Part(2));
        Assert.Equal($"'{Part(1)}' is one of 3 files of a model, and '{Part(2)}' is missing; put it into the same folder.", Sentence.OfOpening(Part(1)));
    }

    [Fact]
    public void A_renamed_part_is_refused()
    {
        WriteParts();
        string renamed = folder.File("renamed.gguf");
        File.Move(Part(2), renamed);
        Assert.Equal(
            $"'{renamed}' is part 2 of a model split into 3 files, and its name does not end in '-00002-of-00003.gguf', " +
            "so the other parts cannot be found; give all parts their original names.", Sentence.OfOpening(renamed));
    }

    [Fact]
    public void A_part_of_another_model_is_refused()
    {
        WriteParts();
        File.Copy(Part(3), Part(2), overwrite: true);
        Assert.Equal($"'{Part(2)}' says that it is not part 2 of 3; download the parts of the model again.", Sentence.OfOpening(Part(1)));
    }

    [Fact]
    public void Missing_and_doubled_tensors_are_noticed()
    {
        WriteParts();
        WritePart(2, "t0");
        Assert.Equal($"'{Part(2)}' holds the tensor 't0', which an earlier part holds too; download the parts of the model again.", Sentence.OfOpening(Part(1)));
        WriteParts(total: 4);
        Assert.Equal($"The 3 files from '{Part(1)}' on hold 3 tensors and should hold 4; download them again.", Sentence.OfOpening(Part(1)));
    }

    private string Part(int number) => folder.File($"model-{number:D5}-of-00003.gguf");

    private void WriteParts(int total = 3)
    {
        for (int number = 1; number <= 3; number++) WritePart(number, $"t{number - 1}", total);
    }

    private void WritePart(int number, string tensor, int total = 3)
    {
        GgufMetadata metadata = new();
        if (number == 1) metadata.Set("general.architecture", "llama");
        metadata.Set("split.no", (ushort)(number - 1));
        metadata.Set("split.count", (ushort)3);
        metadata.Set("split.tensors.count", total);
        GgufWriter.Write(Part(number), metadata, [new TensorSource(tensor, DType.I8, [1], stream => stream.WriteByte((byte)(number - 1)))]);
    }
}
