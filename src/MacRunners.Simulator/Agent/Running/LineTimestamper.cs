using System.Globalization;
using System.Text;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>
/// Puts the agent's timestamp escape (<c>ESC _ bk;t=milliseconds BEL</c>) at the start of each line, and again in a line that takes
/// longer than a second, but never inside another escape sequence.
/// </summary>
internal sealed class LineTimestamper(Action<ReadOnlySpan<byte>> output, TimeProvider time)
{
    private const byte Escape = 0x1b;
    private const byte Bell = 0x07;
    private static readonly TimeSpan LongAfter = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private State _state;
    private bool _lineStart = true;
    private bool _eraseParameters;
    private long _lastStamp;
    private long _stampTime;
    private byte[] _stamp = [];

    private enum State
    {
        Text,
        AfterEscape,
        Control,
        String,
        StringAfterEscape,
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            var start = 0;
            for (var i = 0; i < data.Length; i++)
            {
                if (_state == State.Text)
                {
                    if (_lineStart || time.GetElapsedTime(_lastStamp) > LongAfter)
                    {
                        output(data[start..i]);
                        start = i;
                        Stamp();
                    }

                    var next = data[i..].IndexOfAny((byte)'\n', Escape);
                    if (next < 0)
                    {
                        break;
                    }

                    i += next;
                    _lineStart = data[i] == '\n';
                    _state = data[i] == Escape ? State.AfterEscape : State.Text;
                }
                else
                {
                    Advance(data[i]);
                }
            }

            output(data[start..]);
        }
    }

    /// <summary>Follows an escape sequence. Erasing a line (<c>ESC [ K</c>) counts as the start of one.</summary>
    private void Advance(byte b)
    {
        switch (_state)
        {
            case State.AfterEscape:
                _eraseParameters = true;
                _state = b switch
                {
                    (byte)'[' => State.Control,
                    (byte)']' or (byte)'_' or (byte)'P' or (byte)'^' or (byte)'X' => State.String,
                    _ => State.Text,
                };
                break;
            case State.Control when b is >= 0x40 and <= 0x7e:
                _lineStart |= b == 'K' && _eraseParameters;
                _state = State.Text;
                break;
            case State.Control:
                _eraseParameters &= b is >= (byte)'0' and <= (byte)'2';
                break;
            case State.String when b == Bell:
                _state = State.Text;
                break;
            case State.String when b == Escape:
                _state = State.StringAfterEscape;
                break;
            case State.StringAfterEscape:
                _state = b == '\\' ? State.Text : State.String;
                break;
        }
    }

    private void Stamp()
    {
        // Fast output has thousands of lines in a millisecond, all with the same stamp.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (now != _stampTime)
        {
            _stampTime = now;
            _stamp = Encoding.ASCII.GetBytes($"\e_bk;t={now.ToString(CultureInfo.InvariantCulture)}\a");
        }

        output(_stamp);
        _lineStart = false;
        _lastStamp = time.GetTimestamp();
    }
}
