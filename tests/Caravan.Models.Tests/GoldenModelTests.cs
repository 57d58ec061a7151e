using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

public class GoldenModelTests
{
    [FixtureTheory]
    [MemberData(nameof(GoldenModel.Known), MemberType = typeof(GoldenModel))]
    public void WholePrefill(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Device device = new(2);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            pass.Reset();
            Batch batch = new();
            batch.AddSequence(sequence.InputIds);
            LogitAssert.Matches(golden, sequence, model.Decoder.Forward(pass, batch)!.Floats);
        }
    }
}
