using System.Diagnostics;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Bench;

/// <summary>Steps of pretraining: 8 sequences of 256 random tokens, all weights trained, AdamW. Beside it: <c>bench/peers/torch_pretrain.py</c>.</summary>
internal static class PretrainReport
{
    private const int Sequences = 8, Length = 256;

    public static void Print(Settings settings)
    {
        string folder = Path.Combine(Path.GetTempPath(), "caravan-bench-pretrain");
        if (!File.Exists(Path.Combine(folder, "model.safetensors"))) RandomLlama.Stories15M.Write(folder);
        using Model model = Model.Load(folder, new ModelOptions { Trainable = true });
        using Device device = new(settings.Threads);
        using Pass pass = new(device, new Tape()) { RecomputesLayers = settings.Recomputes };
        using Learner learner = new(device, model.Weights);
        Random random = new(1);
        int[][] texts = [.. Enumerable.Range(0, Sequences).Select(_ => Enumerable.Range(0, Length + 1).Select(_ => random.Next(RandomLlama.Stories15M.Vocabulary)).ToArray())];
        int[] labels = [.. texts.SelectMany(text => text[1..])];
        Batch batch = new();
        foreach (int[] text in texts) batch.AddSequence(text.AsSpan(0, Length));
        List<double[]> rounds = [];
        float loss = 0;
        for (int step = 1; step <= settings.Rounds + 2; step++)
        {
            long start = Stopwatch.GetTimestamp();
            Tensor y = model.Decoder.Loss(pass, batch, labels);
            double forward = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            pass.Tape!.Backward(pass, y);
            double backward = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            loss = y.Floats[0];
            learner.Step(step);
            pass.Reset();
            double all = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (step > 2) rounds.Add([all, forward, backward - forward, all - backward]);
        }

        double[] median = [.. Enumerable.Range(0, 4).Select(i => Program.Median([.. rounds.Select(round => round[i])]))];
        Console.WriteLine(
            $"Caravan f32, {device.Threads} threads{(settings.Recomputes ? ", layers recomputed" : "")}: {Sequences * Length / median[0] * 1e3:F0} tok/s, {median[0]:F0} ms a step = "
            + $"forward and head {median[1]:F0} + backward {median[2]:F0} + AdamW {median[3]:F0}, loss {loss:F3}, workspace {pass.WorkspaceBytes / 1e9:F2} GB, peak {PeakBytes() / 1e9:F2} GB");
    }

    /// <summary>The most memory that the process ever held.</summary>
    internal static long PeakBytes()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Gradients that persist, and AdamW.</summary>
    private sealed class Learner : IDisposable
    {
        private readonly Device device;
        private readonly IReadOnlyList<Tensor> weights;
        private readonly Tensor[] first, second;

        public Learner(Device device, IReadOnlyList<Tensor> weights)
        {
            (this.device, this.weights) = (device, weights);
            first = [.. weights.Select(weight => Tensor.Allocate(weight.Shape))];
            second = [.. weights.Select(weight => Tensor.Allocate(weight.Shape))];
            foreach (Tensor weight in weights) weight.Gradient = Tensor.Allocate(weight.Shape);
        }

        public void Step(int step)
        {
            double squares = 0;
            foreach (Tensor weight in weights) squares += device.Kernels.SumOfSquares(weight.Gradient!.Floats);
            AdamWStep settings = new(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, step, (float)Math.Min(1, 1 / Math.Sqrt(squares)));
            for (int i = 0; i < weights.Count; i++)
            {
                device.Kernels.AdamW(settings, weights[i].Floats, weights[i].Gradient!.Floats, first[i].Floats, second[i].Floats);
                weights[i].Gradient!.Bytes.Clear();
            }
        }

        public void Dispose()
        {
            foreach (Tensor tensor in (IEnumerable<Tensor>)[.. first, .. second, .. weights.Select(weight => weight.Gradient!)]) tensor.Dispose();
        }
    }
}
