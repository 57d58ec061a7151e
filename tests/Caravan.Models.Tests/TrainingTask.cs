using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models.Tests;

/// <summary>
/// Something for a model to learn, whatever its kind: rows of numbers, and which number of each should be the largest. Decoders learn the next token,
/// behind an encoder too; encoders the tokens they read, where they have a head for that, and else any feature of their texts' vectors; two towers which image belongs to which text.
/// </summary>
internal sealed class TrainingTask
{
    private readonly Func<Pass, IEnumerable<(Tensor Rows, int[] Labels)>> answers;

    private TrainingTask(Func<Pass, IEnumerable<(Tensor Rows, int[] Labels)>> answers) => this.answers = answers;

    /// <summary>The task of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">Tokens.</param>
    /// <param name="adapter">Slot of the adapter of what is written; −1 for none.</param>
    public static TrainingTask Of(Model model, IReadOnlyList<int[]> texts, int adapter = -1) => new(model.Network switch
    {
        Clip clip => pass => Clip(pass, clip, texts),
        VisionLanguage llava => pass => [Seeing(pass, llava, texts, adapter)],
        EncoderDecoder both => pass => [Answering(pass, both, texts, adapter)],
        Encoder encoder => pass => Reading(pass, encoder, texts),
        _ => pass => [(model.Decoder.Forward(pass, Batched(texts, adapter))!, Next(texts))],
    });

    /// <summary>The sum of the mean cross-entropies.</summary>
    public Tensor Loss(Pass pass) => answers(pass).Select(answer => CrossEntropy.Forward(pass, answer.Rows, answer.Labels)).Aggregate((a, b) => Add.Forward(pass, a, b));

    /// <summary>The same in double from the rows on, so that it does not round to floats.</summary>
    public double Value(Pass pass)
    {
        pass.Reset();
        return answers(pass).Sum(answer => Value(answer.Rows, answer.Labels));
    }

    private static double Value(Tensor rows, int[] labels)
    {
        float[][] values = [.. rows.Floats.AsSpan().ToArray().Chunk((int)rows.Shape.Columns)];
        return values.Zip(labels).Where(row => row.Second >= 0).Average(row => Math.Log(row.First.Sum(value => Math.Exp(value))) - row.First[row.Second]);
    }

    private static IEnumerable<(Tensor, int[])> Clip(Pass pass, Clip clip, IReadOnlyList<int[]> texts)
    {
        Tensor similarities = clip.Similarities(pass, Batched(texts), [.. texts.Select((_, seed) => Pixels(clip.Vision.Spec, seed))]);
        int[] same = [.. Enumerable.Range(0, texts.Count)];
        return [(similarities, same), (Transpose.Forward(pass, similarities), same)];
    }

    /// <summary>The first text has an image between its first two tokens.</summary>
    private static (Tensor, int[]) Seeing(Pass pass, VisionLanguage llava, IReadOnlyList<int[]> texts, int adapter)
    {
        int[][] tokens = [.. texts];
        tokens[0] = [tokens[0][0], .. Enumerable.Repeat(llava.Images.Token, llava.Images.Rows), .. tokens[0][1..]];
        Batch batch = new() { Adapter = adapter };
        batch.AddSequence(tokens[0]);
        llava.Place(batch, tokens[0], 0, tokens[0].Length, llava.Features(pass, [Pixels(llava.Images.Tower, 0)]));
        foreach (int[] text in tokens[1..]) batch.AddSequence(text);
        int[] labels = [.. Next(tokens).Select(token => token == llava.Images.Token ? CrossEntropy.Ignored : token)];
        return (llava.Decoder.Forward(pass, batch)!, labels);
    }

    /// <summary>Texts are answered by themselves.</summary>
    private static (Tensor, int[]) Answering(Pass pass, EncoderDecoder both, IReadOnlyList<int[]> texts, int adapter)
    {
        Batch target = Batched(texts.Select(text => (int[])[both.Decoder.Spec.StartToken, .. text[..^1]]), adapter);
        return (both.Forward(pass, Batched(texts), target)!, [.. texts.SelectMany(text => text)]);
    }

    private static IEnumerable<(Tensor, int[])> Reading(Pass pass, Encoder encoder, IReadOnlyList<int[]> texts)
    {
        Batch batch = Batched(texts);
        Tensor rows = encoder.Forward(pass, batch);
        if (encoder.Spec.MaskedHead is not null) yield return (encoder.Logits(pass, rows), [.. texts.SelectMany(text => text)]);
        if (encoder.Spec is { MaskedHead: not null, HasPooler: false }) yield break;
        yield return (encoder.Pool(pass, rows, batch, encoder.Spec.HasPooler ? Pooling.Projected : Pooling.Mean), [.. texts.Select((_, text) => text)]);
    }

    private static Batch Batched(IEnumerable<int[]> texts, int adapter = -1)
    {
        Batch batch = new() { Adapter = adapter };
        foreach (int[] text in texts) batch.AddSequence(text);
        return batch;
    }

    private static int[] Next(IEnumerable<int[]> texts) => [.. texts.SelectMany(text => (int[])[.. text[1..], CrossEntropy.Ignored])];

    private static float[] Pixels(VisionSpec tower, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, tower.Channels * tower.ImageSize * tower.ImageSize).Select(_ => (4 * random.NextSingle()) - 2)];
    }
}
