using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Gradients of the same models, against differences of the same formulas.</summary>
public sealed partial class FormulaTests
{
    /// <summary>Whole, token by token, and backwards.</summary>
    private void CheckEverything(Func<double[][]> formula)
    {
        CheckInTurns(formula);
        CheckGradients(formula);
    }

    /// <summary>
    /// Each tensor of the checkpoint is moved along a random direction. The slope of the mean cross-entropy is (f(w + hd) − f(w − hd)) / 2h in double
    /// precision, which errs by about h² = 1e-10; the tape's gradients meet the direction as the model reads it from a checkpoint of zeros. Their sums
    /// of floats err by some hundred units of 2⁻²⁴ of what they add up: 1e-4 of it is allowed.
    /// </summary>
    private void CheckGradients(Func<double[][]> formula)
    {
        string[] names;
        using (Model saved = Model.Load(folder.Path)) names = [.. saved.Checkpoint.Tensors.Keys];
        float[][] gradients = Gradients();
        Random random = new(11);
        foreach (string name in names)
        {
            double[] values = weights[name].Values, stored = [.. values];
            double[] direction = [.. stored.Select(_ => (double)(float)(random.NextDouble() - 0.5))];
            const double Step = 1e-5;
            double slope = (LossAt(Step) - LossAt(-Step)) / (2 * Step);
            using TemporaryFolder moved = new();
            File.Copy(folder.File("config.json"), moved.File("config.json"));
            Write(moved, names, other => other == name ? direction : new double[weights[other].Values.Length]);
            using Model along = Model.Load(moved.Path, new ModelOptions { Trainable = true });
            double[] products = [.. gradients.Zip(along.Decoder.Weights, (gradient, weight) => gradient.Zip(weight.Floats.AsSpan().ToArray(), (g, d) => (double)g * d)).SelectMany(product => product)];
            double tolerance = (1e-4 * products.Sum(Math.Abs)) + 1e-8;
            Assert.True(Math.Abs(products.Sum() - slope) <= tolerance, $"{name}: {products.Sum()}, by differences {slope} ± {tolerance}");

            double LossAt(double step)
            {
                for (int i = 0; i < values.Length; i++) values[i] = stored[i] + (step * direction[i]);
                double[][] logits = formula();
                stored.CopyTo(values, 0);
                return Enumerable.Range(0, Tokens.Length - 1).Average(t => -Math.Log(Softmax(logits[t])[Tokens[t + 1]]));
            }
        }
    }

    private float[][] Gradients()
    {
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
        using Device device = new(2);
        Tape tape = new();
        using Pass pass = new(device, tape);
        Batch batch = new();
        batch.AddSequence(Tokens);
        tape.Backward(pass, CrossEntropy.Forward(pass, model.Decoder.Forward(pass, batch)!, [.. Tokens[1..], CrossEntropy.Ignored]));
        return [.. model.Decoder.Weights.Select(weight => weight.Gradient?.Floats.AsSpan().ToArray() ?? new float[weight.Shape.Elements])];
    }
}
