using System.Runtime.CompilerServices;

namespace Caravan.Tensors;

/// <summary>Shape checks whose sentence names the operator and both shapes.</summary>
internal static class ShapeGuard
{
    /// <summary>Fails unless the condition holds; the message is only built when it does not.</summary>
    public static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref FailureMessage message)
    {
        if (!condition) throw new CaravanException(message.ToStringAndClear());
    }

    /// <summary>An interpolated string that formats nothing while the condition holds: checks on the token path allocate nothing.</summary>
    [InterpolatedStringHandler]
    public ref struct FailureMessage
    {
        private DefaultInterpolatedStringHandler text;

        public FailureMessage(int literalLength, int formattedCount, bool condition, out bool needed)
        {
            needed = !condition;
            text = needed ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string value) => text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

        public string ToStringAndClear() => text.ToStringAndClear();
    }
}
