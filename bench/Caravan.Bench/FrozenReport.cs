using System.Diagnostics;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Bench;

/// <summary>
/// Forward and backward through frozen weights, as adapters are trained: one sequence, gradients for every layer's input and every norm, none for
/// matrices. Beside it: <c>bench/peers/torch_lora.py</c>, which has adapters too.
/// </summary>
internal static class FrozenReport
{
    public static void Print(Settings settings)
    {
        using Model model = Model.Load(settings.Model ?? throw new ArgumentException("--training frozen needs --model FILE."));
        using Device device = new(settings.Threads);
        foreach (Tensor weight in model.Weights.Where(weight => weight.Shape.Rank == 1)) weight.RequiresGradient = true;
        int length = settings.Tokens[0];
        Random random = new(1);
        int[] text = [.. Enumerable.Range(0, length + 1).Select(_ => random.Next(model.Decoder.Spec.VocabularySize))];
        foreach (ActivationPrecision precision in (ActivationPrecision[])(settings.OnlyInt8 ? [ActivationPrecision.Int8] : [ActivationPrecision.Exact, ActivationPrecision.Int8]))
        {
            using Pass pass = new(device, new Tape()) { RecomputesLayers = settings.Recomputes, TrainingPrecision = precision };
            Measure(model, pass, text, settings);
        }
    }

    private static void Measure(Model model, Pass pass, int[] text, Settings settings)
    {
        Batch batch = new();
        batch.AddSequence(text.AsSpan(0, text.Length - 1));
        List<double[]> rounds = [];
        float loss = 0;
        for (int step = 0; step <= settings.Rounds; step++)
        {
            long start = Stopwatch.GetTimestamp();
            Tensor y = model.Decoder.Loss(pass, batch, text.AsSpan(1));
            double forward = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            pass.Tape!.Backward(pass, y);
            double all = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            loss = y.Floats[0];
            pass.Reset();
            if (step > 0) rounds.Add([all, forward, all - forward]);
        }

        double[] median = [.. Enumerable.Range(0, 3).Select(i => Program.Median([.. rounds.Select(round => round[i])]))];
        Console.WriteLine(
            $"Caravan frozen, {pass.TrainingPrecision}, {pass.Device.Threads} threads{(settings.Recomputes ? ", layers recomputed" : "")}: {(text.Length - 1) / median[0] * 1e3:F1} tok/s, {median[0]:F0} ms a step = "
            + $"forward and head {median[1]:F0} + backward {median[2]:F0}, loss {loss:F3}, workspace {pass.WorkspaceBytes / 1e9:F2} GB, peak {PretrainReport.PeakBytes() / 1e9:F2} GB");
    }
}
