using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>LongLoRA's attention in groups.</summary>
public sealed class ShiftedSparseAttentionTests : IDisposable
{
    private const int HeadSize = 8;

    private readonly TemporaryFolder folder = new();
    private readonly Device device = new(1);

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    /// <summary>Each head against softmax(q·kᵀ)·v over the tokens that its half's groups let it see, in double.</summary>
    [Theory]
    [InlineData(4, 4, 6)]
    [InlineData(4, 2, 6)]
    [InlineData(6, 3, 4)]
    [InlineData(5, 1, 4)]
    [InlineData(3, 3, 5)]
    [InlineData(1, 1, 4)]
    public void HeadsSeeTheirGroups(int heads, int keyHeads, int group)
    {
        int[] lengths = [23, 3, 11];
        using Pass pass = new(device, new Tape());
        Random random = new(heads);
        Tensor queries = Random(pass, random, lengths.Sum(), heads), keys = Random(pass, random, lengths.Sum(), keyHeads), values = Random(pass, random, lengths.Sum(), keyHeads);
        using Adapter adapter = new("groups") { AttentionGroup = group };
        Batch batch = new() { Adapter = 0 };
        foreach (int length in lengths) batch.AddSequence(new int[length]);
        AttentionShape shape = new(heads, keyHeads, HeadSize, 0.4f);
        Tensor y = ShiftedSparseAttention.Of(pass, batch, [adapter]).Forward(pass, shape, queries, keys, values, null);
        int straight = heads == 1 ? 1 : keyHeads == 1 ? (heads + 1) / 2 : (keyHeads + 1) / 2 * (heads / keyHeads);
        for (int sequence = 0, start = 0; sequence < lengths.Length; start += lengths[sequence++])
        {
            for (int head = 0; head < heads; head++)
            {
                for (int token = 0; token < lengths[sequence]; token++)
                {
                    int first = lengths[sequence] <= group ? 0 : head < straight ? token / group * group : Math.Max(0, ((token + group - (group / 2)) / group * group) - group + (group / 2));
                    int keyHead = head / (heads / keyHeads);
                    double[] scores = [.. Enumerable.Range(first, token - first + 1).Select(key => Math.Exp(0.4 * Dot(queries, start + token, head, heads, keys, start + key, keyHead, keyHeads)))];
                    for (int i = 0; i < HeadSize; i++)
                    {
                        double expected = scores.Select((score, key) => score * At(values, start + first + key, keyHead, keyHeads, i)).Sum() / scores.Sum();
                        // Sums of at most 23 products of numbers below 1.
                        Assert.Equal(expected, At(y, start + token, head, heads, i), 5e-6);
                    }
                }
            }
        }
    }

    [Fact]
    public void OneGroupIsPlainAttention()
    {
        TinyLlama.Write(folder.Path);
        using Model model = Model.Load(folder.Path);
        using Adapter groups = new("groups") { AttentionGroup = 12 };
        int slot = model.Adapters.Attach(groups);
        int[] text = [.. Enumerable.Range(5, 12)];
        Assert.Equal(Logits(model, text, -1), Logits(model, text, slot));
        Assert.NotEqual(Logits(model, [.. text, 3], -1), Logits(model, [.. text, 3], slot));
        Assert.Equal(Logits(model, [.. text, 3], -1, tape: false), Logits(model, [.. text, 3], slot, tape: false));
    }

    [Fact]
    public void NoTokenSeesOneAfterIt()
    {
        TinyLlama.Write(folder.Path);
        using Model model = Model.Load(folder.Path);
        using Adapter groups = new("groups") { AttentionGroup = 8 };
        int slot = model.Adapters.Attach(groups);
        int[] text = [.. Enumerable.Range(5, 30)], other = [.. text[..^1], 99];
        Assert.Equal(Logits(model, text, slot)[..^1], Logits(model, other, slot)[..^1]);
    }

    /// <summary>Of a decoder with learnt biases by distance too, whose gradients go to the heads that have them.</summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("bloom")]
    [InlineData("gemma")]
    [InlineData("cpmbee")]
    public void Gradients(string family)
    {
        if (!FamilyCatalog.All.Any(known => known.Name == family)) Assert.Fail($"There is no family {family}.");
        TinyFamilies.Write(family, folder);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        using Adapter groups = new("groups") { AttentionGroup = 4 };
        int[][] texts = [[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], [14, 15, 16]];
        GradientCheck.Check(model.Weights, TrainingTask.Of(model, texts, model.Adapters.Attach(groups)), 0.125, new Tape());
    }

    private float[][] Logits(Model model, int[] text, int slot, bool tape = true)
    {
        using Pass pass = new(device, tape ? new Tape() : null);
        Batch batch = new() { Adapter = slot };
        batch.AddSequence(text);
        Tensor logits = model.Decoder.Forward(pass, batch)!;
        return [.. logits.Floats.AsSpan().ToArray().Chunk((int)logits.Shape.Columns)];
    }

    private static double Dot(Tensor a, int rowA, int headA, int headsA, Tensor b, int rowB, int headB, int headsB) =>
        Enumerable.Range(0, HeadSize).Sum(i => (double)At(a, rowA, headA, headsA, i) * At(b, rowB, headB, headsB, i));

    private static float At(Tensor x, int row, int head, int heads, int feature) => x.Floats[(((long)row * heads) + head) * HeadSize + feature];

    private static Tensor Random(Pass pass, Random random, int rows, int heads)
    {
        Tensor x = pass.Workspace.Rent(new Shape(rows, heads * HeadSize));
        foreach (ref float value in x.Floats.AsSpan()) value = (float)((2 * random.NextDouble()) - 1);
        return x;
    }
}
