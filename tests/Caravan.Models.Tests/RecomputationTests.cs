using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Layers that are computed again, and heads that never hold all logits, learn what the others learn.</summary>
public sealed class RecomputationTests : IDisposable
{
    private readonly Device device = new(2);

    public static TheoryData<string> Families => [.. FamilyCatalog.All.Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Of_every_family(string name)
    {
        using TemporaryFolder folder = new();
        TinyFamilies.Write(name, folder);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        TrainingTask task = TrainingTask.Of(model, Texts(9, 5));
        (float[] loss, float[][] gradients) = Learn(model, task.Loss, recomputes: false);
        (float[] again, float[][] recomputed) = Learn(model, task.Loss, recomputes: true);
        Assert.Equal(loss, again);
        for (int i = 0; i < gradients.Length; i++) Assert.True(gradients[i].AsSpan().SequenceEqual(recomputed[i]), $"{model.Weights[i]}");
    }

    /// <summary>The loss in chunks of rows against cross-entropy of all logits; the chunk holds them all here, so that only the loss's own sum is another.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Loss_of_every_decoder(string name)
    {
        using TemporaryFolder folder = new();
        TinyFamilies.Write(name, folder);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        int[][] texts = Texts(9, 5);
        int[] labels = Next(texts);
        (Func<Pass, Tensor> OfLogits, Func<Pass, Tensor> InChunks)? losses = model.Network switch
        {
            Decoder decoder => (pass => CrossEntropy.Forward(pass, decoder.Forward(pass, Batched(texts))!, labels), pass => decoder.Loss(pass, Batched(texts), labels)),
            EncoderDecoder both => (
                pass => CrossEntropy.Forward(pass, both.Forward(pass, Batched(texts), Batched(texts))!, labels), pass => both.Loss(pass, Batched(texts), Batched(texts), labels)),
            _ => null,
        };
        if (losses is null) return;
        (float[] loss, float[][] gradients) = Learn(model, losses.Value.OfLogits, recomputes: false);
        (float[] chunked, float[][] walked) = Learn(model, losses.Value.InChunks, recomputes: true);
        Assert.Equal(loss, chunked);
        for (int i = 0; i < gradients.Length; i++) Assert.Equal(gradients[i], walked[i]);
    }

    [Fact]
    public void Two_passes_on_one_tape_keep_their_own_angles()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Write(folder.Path);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        int[][] texts = Texts(40, 9);
        Tensor Both(Pass pass) => Add.Forward(
            pass, model.Decoder.Loss(pass, Batched(texts[..1]), Next(texts[..1]), factor: 0.5f), model.Decoder.Loss(pass, Batched(texts[1..]), Next(texts[1..]), factor: -2));
        (float[] loss, float[][] gradients) = Learn(model, Both, recomputes: false);
        (float[] again, float[][] recomputed) = Learn(model, Both, recomputes: true);
        Assert.Equal(loss, again);
        Assert.Equal(gradients, recomputed);
    }

    /// <summary>Chunks of 512 rows: float sums of 700 rows in another order.</summary>
    [Fact]
    public void Many_rows()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Write(folder.Path);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        int[][] texts = Texts(350, 350);
        int[] labels = Next(texts);
        (float[] loss, float[][] gradients) = Learn(model, pass => CrossEntropy.Forward(pass, model.Decoder.Forward(pass, Batched(texts))!, labels), recomputes: false);
        (float[] chunked, float[][] walked) = Learn(model, pass => model.Decoder.Loss(pass, Batched(texts), labels), recomputes: false);
        (float[] scored, float[][] again) = Learn(model, pass => Loss(pass, model.Decoder.TokenLogProbabilities(pass, Batched(texts), labels), labels), recomputes: true);
        Assert.Equal(loss[0], chunked[0], 2e-6f * loss[0]);
        Assert.Equal(loss[0], scored[0], 2e-6f * loss[0]);
        for (int i = 0; i < gradients.Length; i++)
        {
            float tolerance = gradients[i].Max(MathF.Abs) * 700 / (1 << 23);
            for (int j = 0; j < gradients[i].Length; j++)
            {
                Assert.Equal(gradients[i][j], walked[i][j], tolerance);
                Assert.Equal(gradients[i][j], again[i][j], tolerance);
            }
        }
    }

    [Fact]
    public void Memory_does_not_grow_with_the_layers()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Write(folder.Path);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        int[][] texts = Texts(500, 500, 500, 500);
        long kept = Bytes(recomputes: false), recomputed = Bytes(recomputes: true);
        // Two layers: at most the half of what they keep is there at once, and the weights' gradients always.
        Assert.InRange(recomputed, 1, 0.75 * kept);

        long Bytes(bool recomputes)
        {
            using Pass pass = new(device, new Tape()) { RecomputesLayers = recomputes };
            for (int step = 0; step < 2; step++)
            {
                pass.Tape!.Backward(pass, model.Decoder.Loss(pass, Batched(texts), Next(texts)));
                pass.Reset();
            }

            return pass.WorkspaceBytes;
        }
    }

    [Fact]
    public void Labels_that_do_not_fit()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Write(folder.Path);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        using Pass pass = new(device, new Tape());
        Batch batch = Batched(Texts(3));
        Assert.Equal("2 labels do not fit the 3 rows that the batch wants logits of.", Assert.Throws<CaravanException>(() => model.Decoder.Loss(pass, batch, [1, 2])).Message);
        Assert.Throws<CaravanException>(() => model.Decoder.Loss(pass, batch, [1, 2, 100_000]));
    }

    public void Dispose() => device.Dispose();

    /// <summary>−Σ values / their number.</summary>
    private static Tensor Loss(Pass pass, Tensor values, int[] labels)
    {
        Tensor weights = pass.Workspace.Rent(new Shape(1, values.Shape.Elements));
        weights.Floats.AsSpan().Fill(-1f / CrossEntropy.Counted(labels));
        return Linear.Forward(pass, values, weights);
    }

    private (float[] Loss, float[][] Gradients) Learn(Model model, Func<Pass, Tensor> loss, bool recomputes)
    {
        using Pass pass = new(device, new Tape()) { RecomputesLayers = recomputes };
        Tensor y = loss(pass);
        pass.Tape!.Backward(pass, y);
        (float[], float[][]) learnt = (
            y.Floats.AsSpan().ToArray(),
            [.. model.Weights.Select(weight => weight.Gradient is { } gradient ? gradient.Floats.AsSpan().ToArray() : new float[weight.Shape.Elements])]);
        pass.Reset();
        return learnt;
    }

    private static int[][] Texts(params int[] lengths)
    {
        Random random = new(3);
        return [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(3, TinyFamilies.LeastVocabulary)).ToArray())];
    }

    private static Batch Batched(IEnumerable<int[]> texts)
    {
        Batch batch = new();
        foreach (int[] text in texts) batch.AddSequence(text);
        return batch;
    }

    private static int[] Next(IEnumerable<int[]> texts) => [.. texts.SelectMany(text => (int[])[.. text[1..], CrossEntropy.Ignored])];
}
