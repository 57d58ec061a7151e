using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Every fixture folder of a family that GGUF knows, converted there, and to a Hugging Face folder again: the reference's numbers both times.</summary>
public sealed class GoldenGgufTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Folders => GoldenModel.Folders(
        FamilyCatalog.All.Where(family => family.GgufArchitectures.Count > 0).SelectMany(family => family.ModelTypes));

    public void Dispose() => folder.Dispose();

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void There_and_back(string name)
    {
        GoldenModel golden = GoldenModel.Open(name);
        string gguf = folder.File("model.gguf"), back = folder.File("back");
        using (Model model = Model.Load(golden.Folder))
        {
            // A switch that GGUF has no key for is refused, and not lost.
            if (model.Family.Inexpressible(model.Decoder.Spec, gguf: true, model.Reader) is { } reason)
            {
                Assert.Contains(reason, Assert.Throws<CaravanException>(() => Converter.Convert(golden.Folder, gguf)).Message, StringComparison.Ordinal);
                return;
            }
        }

        ConvertOptions options = new() { DropRotaryScaling = true };
        Converter.Convert(golden.Folder, gguf, options);
        Check(golden, gguf);
        Converter.Convert(gguf, back, options);
        Check(golden, back);
    }

    private static void Check(GoldenModel golden, string path)
    {
        using Model model = Model.Load(path, new ModelOptions { Strict = true });
        using Device device = new(2);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            Batch batch = new();
            batch.AddSequence(sequence.InputIds);
            LogitAssert.Matches(golden, sequence, model.Decoder.Forward(pass, batch)!.Floats.AsSpan());
            pass.Reset();
        }
    }
}
