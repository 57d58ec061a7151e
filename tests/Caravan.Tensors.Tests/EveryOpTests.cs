using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>
/// Every operator, every case, every instruction set this process has, 1, 2 and 5 threads: results and gradients against a reference in double
/// whose tolerance is the error bound of the formula in float (<see cref="Real"/>). <see cref="SwitchedOffTests"/> runs this class again on
/// processors that can less.
/// </summary>
public sealed class EveryOpTests(Devices devices) : IClassFixture<Devices>
{
    /// <summary>The step of the central differences.</summary>
    private const double Step = 1e-5;

    public static TheoryData<int, string> Cases
    {
        get
        {
            TheoryData<int, string> data = [];
            for (int i = 0; i < OpCases.All.Count; i++) data.Add(i, OpCases.All[i].ToString());
            return data;
        }
    }

    [Fact]
    public void Every_operator_has_cases()
    {
        Type[] operators =
        [
            .. typeof(Tensor).Assembly.GetTypes()
                .Where(type => type.Namespace == "Caravan.Tensors.Ops" && type.IsAbstract && type.IsSealed && !type.IsNested),
        ];
        Assert.NotEmpty(operators);
        Assert.Empty(operators.Except(OpCases.All.Select(test => test.Operator)).Select(type => type.Name));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Results_and_gradients_are_those_of_the_reference(int index, string name)
    {
        OpCase test = OpCases.All[index];
        (double[] c, Real[] result, Real[]?[] expected) = test.Reference;
        foreach (Device device in devices.All)
        {
            OpRun run = OpRun.Of(device, test, c);
            AssertWithin(result, run.Result, $"{name}, {Devices.Describe(device)}");
            for (int i = 0; i < expected.Length; i++)
            {
                if (expected[i] is null) Assert.Null(run.Gradients[i]);
                else AssertWithin(expected[i]!, run.Gradients[i]!, $"{name}, input {i}, {Devices.Describe(device)}");
            }
        }
    }

    /// <summary>
    /// The gradients that kernels are held to are derivatives of the reference. A central difference errs by h²/6 of the third derivative, here
    /// of the order of the outputs (inputs are of order 1), and by the rounding of the reference in double over h, 2⁻²⁹ of that in float.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Reference_gradients_are_central_differences(int index, string name)
    {
        OpCase test = OpCases.All[index];
        if (test.Large) return;
        (double[] c, _, Real[]?[] gradients) = test.Reference;
        double[][] x = test.Values();
        for (int input = 0; input < x.Length; input++)
        {
            Assert.Equal(test.Inputs[input].Differentiable, gradients[input] is not null);
            for (int i = 0; gradients[input] is not null && i < x[input].Length; i++)
            {
                (double difference, double tolerance) = CentralDifference(test, x, input, i, c);
                double error = Math.Abs(gradients[input]![i].Value - difference);
                Assert.True(error <= tolerance, $"{name}, input {input}[{i}]: {gradients[input]![i].Value}, by differences {difference} ± {tolerance}");
            }
        }
    }

    /// <summary>No kernel lets the number of threads decide the order of a sum, so results agree bit for bit, run after run as well.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Runs_and_thread_counts_agree_bit_for_bit(int index, string name)
    {
        OpCase test = OpCases.All[index];
        double[] c = test.Reference.C;
        foreach (IGrouping<InstructionSet, Device> same in devices.All.GroupBy(device => device.InstructionSet))
        {
            OpRun first = OpRun.Of(same.First(), test, c);
            foreach (Device device in same)
            {
                OpRun again = OpRun.Of(device, test, c);
                Assert.True(SameBits(first.Result, again.Result), $"{name}, {Devices.Describe(device)}");
                Assert.True(first.Gradients.Zip(again.Gradients).All(pair => SameBits(pair.First, pair.Second)), $"{name}, {Devices.Describe(device)}");
                float[] inference = OpRun.Of(device, test).Result;
                if (!IsProduct(test)) Assert.True(SameBits(first.Result, inference), $"{name} without a tape, {Devices.Describe(device)}");
                else AssertWithin(test.Reference.Result, inference, $"{name} without a tape, {Devices.Describe(device)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Only_the_gradients_that_are_asked_for_are_computed(int index, string name)
    {
        OpCase test = OpCases.All[index];
        if (test.Large) return;
        double[] c = test.Reference.C;
        foreach (Device device in devices.All.Where(device => device.Threads == 1))
        {
            OpRun all = OpRun.Of(device, test, c);
            Assert.All(OpRun.Of(device, test, c, _ => false).Gradients, Assert.Null);
            for (int input = 0; input < test.Inputs.Length; input++)
            {
                OpRun one = OpRun.Of(device, test, c, i => i == input);
                for (int i = 0; i < test.Inputs.Length; i++)
                    Assert.True(SameBits(i == input ? all.Gradients[i] : null, one.Gradients[i]), $"{name}, input {i}, {Devices.Describe(device)}");
            }
        }
    }

    /// <summary>Adding to what is there rounds once for each term of the gradient's sum; no case sums more terms than it has outputs or rows.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_second_pass_doubles_gradients(int index, string name)
    {
        OpCase test = OpCases.All[index];
        if (test.Large) return;
        (double[] c, _, Real[]?[] once) = test.Reference;
        foreach (Device device in devices.All.Where(device => device.Threads == 1))
        {
            OpRun run = OpRun.Of(device, test, c, times: 2);
            for (int i = 0; i < once.Length; i++)
            {
                int terms = Math.Max(c.Length, (int)test.Inputs.Max(input => input.Shape.Elements));
                Real[]? twice = once[i] is null ? null : [.. once[i]!.Select(gradient => (gradient + gradient).Rounded(terms))];
                if (twice is not null) AssertWithin(twice, run.Gradients[i]!, $"{name}, input {i}, {Devices.Describe(device)}");
            }
        }
    }

    private static (double Difference, double Tolerance) CentralDifference(OpCase test, double[][] x, int input, int i, double[] c)
    {
        double centre = x[input][i];
        x[input][i] = centre + Step;
        Real[] above = test.Forward(x);
        x[input][i] = centre - Step;
        Real[] below = test.Forward(x);
        x[input][i] = centre;
        double difference = 0, tolerance = 0;
        for (int j = 0; j < c.Length; j++)
        {
            difference += c[j] * (above[j].Value - below[j].Value) / (2 * Step);
            double rounding = (above[j].Error + below[j].Error) / (1 << 29) / (2 * Step);
            double truncation = above[j].Value == below[j].Value ? 0 : 100 * Step * Step * (1 + Math.Abs(above[j].Value));
            tolerance += Math.Abs(c[j]) * (rounding + truncation);
        }

        return (difference, tolerance);
    }

    private static void AssertWithin(Real[] expected, float[] actual, string where)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            // The sentence is only built for a failure: there are millions of elements.
            if (!(Math.Abs(actual[i] - expected[i].Value) <= expected[i].Error))
                Assert.Fail($"{where}: element {i} is {actual[i]:R}, not {expected[i].Value:R} ± {expected[i].Error:G3}");
        }
    }

    /// <summary>Products are summed in blocks where a tape is to follow them; without one a row gives what it gives alone.</summary>
    private static bool IsProduct(OpCase test) => test.Operator == typeof(Linear) || test.Operator == typeof(GroupedLinear);

    private static bool SameBits(float[]? a, float[]? b) =>
        a is null ? b is null : b is not null && a.Length == b.Length && a.Zip(b).All(pair => BitConverter.SingleToInt32Bits(pair.First) == BitConverter.SingleToInt32Bits(pair.Second));
}
